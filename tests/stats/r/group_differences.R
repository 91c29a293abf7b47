# Analysis of variance, tests for trend, standardized differences; for tests/stats.
# Usage: Rscript group_differences.R OUT.json
suppressMessages({library(jsonlite); library(coin)})
out <- commandArgs(trailingOnly = TRUE)[1]
set.seed(11)
anova <- trend <- jonckheere <- smd <- list()

for (x in list(list(round(rnorm(9), 4), round(rnorm(12, 1, 2), 4), round(rnorm(7, 0.3), 4)),
               list(round(rnorm(6), 3), round(rnorm(8, 0.7), 3)),
               list(sample(1:9, 15, TRUE), sample(2:9, 11, TRUE), sample(1:7, 20, TRUE), sample(3:9, 6, TRUE)))) {
  d <- data.frame(y = unlist(x), g = factor(rep(seq_along(x), lengths(x))))
  w <- oneway.test(y ~ g, d); c <- oneway.test(y ~ g, d, var.equal = TRUE)
  anova[[length(anova) + 1]] <- list(samples = x, welch = c(unname(w$statistic), w$p.value),
    classic = c(unname(c$statistic), c$p.value))
}

for (t in list(rbind(c(83, 90, 129, 70), c(3, 3, 7, 12)), rbind(c(4, 9, 2), c(1, 8, 11)),
               rbind(c(8, 7, 3), c(9, 4, 10), c(2, 3, 15), c(1, 0, 6)), rbind(c(1, 2, 1, 0), c(3, 3, 6, 1), c(10, 10, 14, 9), c(6, 7, 12, 11)))) {
  if (nrow(t) == 2) {
    p <- prop.trend.test(t[1, ], colSums(t)); found <- c(unname(p$statistic), p$p.value)
  } else {
    dimnames(t) <- list(r = 1:nrow(t), c = 1:ncol(t))
    l <- lbl_test(as.table(t)); found <- c(statistic(l)^2, pvalue(l))
  }
  trend[[length(trend) + 1]] <- list(table = unname(t), trend = as.numeric(found))
}

# Jonckheere-Terpstra: mean and variance by going through every arrangement of the labels.
arrangements <- function(labels) {
  if (length(labels) == 1) return(list(labels))
  out <- list()
  for (l in unique(labels)) {
    rest <- labels[-match(l, labels)]
    for (tail in arrangements(rest)) out[[length(out) + 1]] <- c(l, tail)
  }
  out
}
count <- function(y, g) {
  s <- 0
  for (i in seq_along(y)) for (j in seq_along(y)) if (g[i] < g[j]) s <- s + (y[i] < y[j]) + (y[i] == y[j]) / 2
  s
}
for (x in list(list(c(1, 2, 3), c(2, 4, 5), c(6, 7, 8)), list(c(3, 3, 1), c(3, 5), c(2, 5, 6)), list(c(1, 1), c(1, 2, 2), c(3, 1, 2)))) {
  y <- unlist(x); g <- rep(seq_along(x), lengths(x))
  every <- sapply(arrangements(g), function(p) count(y, p))
  z <- (count(y, g) - mean(every)) / sqrt(mean((every - mean(every))^2))
  jonckheere[[length(jonckheere) + 1]] <- list(samples = x, statistic = count(y, g), p = 2 * pnorm(-abs(z)))
}

# Standardized differences from their definitions.
of_numbers <- function(y, g) { l <- unique(g); a <- y[g == l[1]]; b <- y[g == l[2]]
  abs(mean(a) - mean(b)) / sqrt((var(a) + var(b)) / 2) }
of_levels <- function(y, g) {
  l <- unique(g); p <- prop.table(table(y[g == l[1]]))[-1]; q <- prop.table(table(y[g == l[2]]))[-1]
  s <- (diag(p, length(p)) - p %o% p + diag(q, length(q)) - q %o% q) / 2
  c(sqrt(t(p - q) %*% solve(s) %*% (p - q)))
}
y <- round(rnorm(40, 60, 9), 1); g <- rep(c("a", "b"), c(22, 18)); s <- factor(sample(c("x", "y", "z"), 40, TRUE))
b <- factor(sample(c("no", "yes"), 40, TRUE)); three <- rep(c("a", "b", "c"), c(12, 15, 13))
w <- round(runif(40, 0.3, 2.5), 3)
weighted <- { f <- function(k) { i <- g == k; m <- cov.wt(cbind(y[i]), w[i] / sum(w[i]), method = "unbiased"); c(m$center, m$cov) }
  u <- f("a"); v <- f("b"); abs(u[1] - v[1]) / sqrt((u[2] + v[2]) / 2) }
pairs <- list(c("a", "b"), c("a", "c"), c("b", "c"))
smd <- list(y = y, group = g, level = as.character(s), two = as.character(b), three = three, weights = w,
  numbers = of_numbers(y, g), levels = of_levels(s, g), binary = of_levels(b, g), weighted = weighted,
  binary_by_hand = { p <- mean(b[g == "a"] == "yes"); q <- mean(b[g == "b"] == "yes"); abs(p - q) / sqrt((p * (1 - p) + q * (1 - q)) / 2) },
  of_three = mean(sapply(pairs, function(k) of_numbers(y[three %in% k], three[three %in% k]))),
  levels_of_three = mean(sapply(pairs, function(k) of_levels(s[three %in% k], three[three %in% k]))))

rates <- list()
for (q in list(c(137, 24.19893), c(0, 10), c(4, 38.5), c(1, 0.25), c(900, 1234.5))) for (level in c(0.9, 0.95)) {
  p <- poisson.test(q[1], q[2], conf.level = level)
  rates[[length(rates) + 1]] <- list(events = q[1], time = q[2], level = level, rate = c(unname(p$estimate), p$conf.int[1:2]))
}

writeLines(toJSON(list(r = as.character(getRversion()), rates = rates, anova = anova, trend = trend, jonckheere = jonckheere, smd = smd),
  digits = I(17), auto_unbox = TRUE, na = "null", null = "null", matrix = "rowmajor"), out)
