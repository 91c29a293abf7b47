# Tests between groups and intervals of proportions by base R; for tests/stats.
# Usage: Rscript comparisons.R OUT.json
suppressMessages(library(jsonlite))
out <- commandArgs(trailingOnly = TRUE)[1]
set.seed(24)
samples <- tables <- proportions <- differences <- list()

numbers <- function(name, ...) {
  x <- list(...)
  one <- list(name = name, samples = x,
    kruskal = unlist(unname(kruskal.test(x)[c("statistic", "p.value")])))
  if (length(x) == 2) {
    w <- suppressWarnings(wilcox.test(x[[1]], x[[2]]))
    one$wilcoxon <- c(unname(w$statistic), w$p.value)
    welch <- t.test(x[[1]], x[[2]]); student <- t.test(x[[1]], x[[2]], var.equal = TRUE)
    one$welch <- c(unname(welch$statistic), unname(welch$parameter), welch$p.value)
    one$student <- c(unname(student$statistic), unname(student$parameter), student$p.value)
    if (length(x[[1]]) == length(x[[2]])) {
      d <- t.test(x[[1]], x[[2]], paired = TRUE)
      one$paired <- c(unname(d$statistic), unname(d$parameter), d$p.value)
      s <- suppressWarnings(wilcox.test(x[[1]], x[[2]], paired = TRUE))
      one$signed <- c(unname(s$statistic), s$p.value)
    }
  }
  samples[[length(samples) + 1]] <<- one
}
numbers("small", round(rnorm(12), 4), round(rnorm(15, 0.5), 4))
numbers("pairs", round(rnorm(14), 4), round(rnorm(14, 0.5), 4))
numbers("ties", sample(1:6, 30, TRUE), sample(2:8, 30, TRUE))
numbers("large", round(rnorm(60), 5), round(rnorm(70, 0.2, 2), 5))
numbers("three", sample(1:9, 20, TRUE), sample(2:9, 15, TRUE), sample(1:7, 25, TRUE))
numbers("four", rnorm(9), rnorm(8), rnorm(12, 1), rnorm(10))

counts <- function(name, t) {
  chi <- suppressWarnings(chisq.test(t, correct = FALSE))
  one <- list(name = name, table = t, fisher = fisher.test(t, workspace = 2e7)$p.value,
              chi = c(unname(chi$statistic), unname(chi$parameter), chi$p.value))
  if (all(dim(t) == 2)) {
    yates <- suppressWarnings(chisq.test(t, correct = TRUE))
    one$yates <- c(unname(yates$statistic), yates$p.value)
    m <- mcnemar.test(t, correct = FALSE)
    one$mcnemar <- c(unname(m$statistic), m$p.value)
    one$mcnemar_exact <- binom.test(t[1, 2], t[1, 2] + t[2, 1])$p.value
  }
  tables[[length(tables) + 1]] <<- one
}
counts("2x2", matrix(c(3, 1, 1, 3), 2)); counts("2x2-uneven", matrix(c(12, 3, 5, 22), 2))
counts("2x2-zero", matrix(c(0, 4, 9, 6), 2)); counts("3x3", rbind(c(4, 0, 1), c(0, 3, 2), c(1, 1, 4)))
counts("3x4", rbind(c(8, 7, 3, 9), c(9, 4, 10, 2), c(12, 3, 5, 6)))
counts("2x5", rbind(c(3, 9, 4, 1, 2), c(8, 2, 6, 3, 7))); counts("job", rbind(c(1, 2, 1, 0), c(3, 3, 6, 1), c(10, 10, 14, 9), c(6, 7, 12, 11)))

for (xn in list(c(16, 42), c(38, 42), c(2, 42), c(0, 17), c(17, 17), c(1, 3), c(150, 400))) for (level in c(0.9, 0.95)) {
  x <- xn[1]; n <- xn[2]; a <- (1 - level) / 2; z <- qnorm(1 - a)
  above <- function(p) pbinom(x, n, p, lower.tail = FALSE) + dbinom(x, n, p) / 2
  ac <- (x + z^2 / 2) / (n + z^2)
  proportions[[length(proportions) + 1]] <- list(x = x, n = n, level = level,
    "clopper-pearson" = binom.test(x, n, conf.level = level)$conf.int[1:2],
    wilson = suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE))$conf.int[1:2],
    "wilson-cc" = suppressWarnings(prop.test(x, n, conf.level = level, correct = TRUE))$conf.int[1:2],
    jeffreys = c(if (x == 0) 0 else qbeta(a, x + 0.5, n - x + 0.5), if (x == n) 1 else qbeta(1 - a, x + 0.5, n - x + 0.5)),
    "mid-p" = c(if (x == 0) 0 else uniroot(function(p) above(p) - a, c(1e-9, 1 - 1e-9), tol = 1e-15)$root,
                if (x == n) 1 else uniroot(function(p) 1 - above(p) - a, c(1e-9, 1 - 1e-9), tol = 1e-15)$root),
    "agresti-coull" = pmin(1, pmax(0, ac + c(-1, 1) * z * sqrt(ac * (1 - ac) / (n + z^2)))))
}

# Miettinen-Nurminen from the definition: the restricted likelihood maximised numerically.
mn <- function(x1, n1, x2, n2, level) {
  score <- function(d) {
    f <- function(p2) { p1 <- p2 + d; k <- function(x, p) if (x == 0) 0 else x * log(p)
      k(x1, p1) + k(n1 - x1, 1 - p1) + k(x2, p2) + k(n2 - x2, 1 - p2) }
    g <- function(p2) { p1 <- p2 + d
      (if (x1 > 0) x1 / p1 else 0) - (if (n1 > x1) (n1 - x1) / (1 - p1) else 0) +
        (if (x2 > 0) x2 / p2 else 0) - (if (n2 > x2) (n2 - x2) / (1 - p2) else 0) }
    lo <- max(0, -d) + 1e-13; hi <- min(1, 1 - d) - 1e-13
    p2 <- if (g(lo) <= 0) lo else if (g(hi) >= 0) hi else uniroot(g, c(lo, hi), tol = 1e-16, maxiter = 5000)$root
    p1 <- p2 + d; n <- n1 + n2
    (x1 / n1 - x2 / n2 - d) / sqrt((p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1))
  }
  d <- x1 / n1 - x2 / n2; z <- qnorm((1 + level) / 2)
  c(uniroot(function(v) score(v) - z, c(-1 + 1e-9, d), tol = 1e-14)$root,
    uniroot(function(v) score(v) + z, c(d, 1 - 1e-9), tol = 1e-14)$root)
}
for (q in list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(16, 42, 12, 50), c(5, 56, 0, 29), c(20, 25, 14, 30))) {
  x1 <- q[1]; n1 <- q[2]; x2 <- q[3]; n2 <- q[4]; d <- x1 / n1 - x2 / n2
  hybrid <- function(correct) {
    a <- suppressWarnings(prop.test(x1, n1, correct = correct))$conf.int
    b <- suppressWarnings(prop.test(x2, n2, correct = correct))$conf.int
    c(d - sqrt((x1 / n1 - a[1])^2 + (b[2] - x2 / n2)^2), d + sqrt((a[2] - x1 / n1)^2 + (x2 / n2 - b[1])^2))
  }
  differences[[length(differences) + 1]] <- list(counts = q, newcombe = hybrid(FALSE),
    "newcombe-cc" = hybrid(TRUE), "miettinen-nurminen" = mn(x1, n1, x2, n2, 0.95),
    wald = suppressWarnings(prop.test(c(x1, x2), c(n1, n2), correct = FALSE))$conf.int[1:2])
}

# Rubin's rules with Barnard-Rubin degrees of freedom, written out (mice's formulas).
q <- rnorm(7, 0.5, 0.1); u <- runif(7, 0.02, 0.05); m <- 7; dfcom <- 35
t <- mean(u) + (1 + 1 / m) * var(q); lambda <- (1 + 1 / m) * var(q) / t
old <- (m - 1) / lambda^2; obs <- (dfcom + 1) / (dfcom + 3) * dfcom * (1 - lambda); df <- old * obs / (old + obs)
pooled <- list(estimates = q, variances = u, df_complete = dfcom, estimate = mean(q), se = sqrt(t), df = df, df_large = old,
  low = mean(q) - qt(0.975, df) * sqrt(t), high = mean(q) + qt(0.975, df) * sqrt(t), p = 2 * pt(-abs(mean(q) / sqrt(t)), df))

writeLines(toJSON(list(r = as.character(getRversion()), samples = samples, tables = tables,
  proportions = proportions, differences = differences, pooled = pooled), digits = I(17), auto_unbox = TRUE,
  na = "null", null = "null", matrix = "rowmajor"), out)
