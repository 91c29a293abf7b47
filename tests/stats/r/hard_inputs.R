# Tables of any size, censoring groups, strata: values that are easily got wrong.
suppressMessages({library(survival); library(cmprsk)})
# Usage: Rscript hard_inputs.R OUT.json
json <- function(x) {  # base R only
  if (is.matrix(x)) x <- lapply(seq_len(nrow(x)), function(i) x[i, ])
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(inner, collapse = ", "), "]"))
    return(paste0("{", paste0("\"", names(x), "\": ", inner, collapse = ", "), "}"))
  }
  text <- if (is.character(x)) paste0("\"", x, "\"") else
    ifelse(is.na(x), "null", sprintf("%.17g", as.numeric(x)))
  if (length(x) == 1 && is.null(attr(x, "list"))) unname(text) else
    paste0("[", paste(text, collapse = ", "), "]")
}
out <- commandArgs(TRUE)[1]
tables <- list(c(100, 100, 103, 97), c(400, 380, 20, 500), c(5, 0, 0, 7), c(300, 200, 1, 0),
  c(12345, 6789, 23456, 12999), c(500000, 500000, 499000, 501000), c(1e6, 1, 2, 1e6),
  c(1e6, 999000, 1000, 1e6), c(20, 400, 400, 20), c(999999, 3, 1e6, 12), c(0, 1e6, 4, 1e6))
two <- lapply(tables, function(x) list(table = x, p = fisher.test(matrix(x, 2))$p.value))
more <- list(matrix(c(60, 40, 30, 50, 45, 35), 2, byrow = TRUE),
  matrix(c(260, 240, 230, 250, 245, 235), 2, byrow = TRUE),
  matrix(c(30, 20, 10, 15, 22, 18, 9, 25, 31), 3, byrow = TRUE),
  matrix(c(900, 5, 3, 880, 9, 1), 2, byrow = TRUE))
wide <- lapply(more, function(m) list(table = m, p = fisher.test(m, workspace = 2e8)$p.value))

time <- c(1, 2, 3, 4, 5, 6, 2.5, 3.5, 7, 8, 9, 10, 11, 12)
status <- c(2, 1, 0, 2, 2, 1, 2, 0, 1, 1, 0, 1, 2, 1)
x <- c(1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0)
group <- c(rep(0, 6), rep(1, 8))
fg <- crr(time, status, x, cengroup = group)

ct <- c(2, 5, 3, 8, 6, 9, 1, 7, 4, 10); ce <- c(1, 0, 1, 1, 0, 1, 1, 1, 0, 1)
risk <- c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3); s <- strsplit("aababbabab", "")[[1]]
uno <- concordance(Surv(ct, ce) ~ risk + strata(s), reverse = TRUE, timewt = "n/G2")

r <- 24.3 / 12 * 12
tt <- c(24.3, r, 10, 15, 30, 31, 8, 12, 20, 22, 5, 17); ee <- c(1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1)
zz <- c(.1, .9, -.4, .3, 1.2, -1, .5, .2, -.7, .8, -.1, .6)
rank <- cox.zph(coxph(Surv(tt, ee) ~ zz), transform = "rank")$table["GLOBAL", "chisq"]

w <- c(.5, 1.5, .7, 2.2, .9, 1.1); wt <- 1:6; we <- c(1, 1, 0, 1, 1, 0)
f1 <- survfit(Surv(wt, we) ~ 1, weights = w, robust = TRUE, influence = 3)
U <- f1$influence.surv  # influence of each row (times its weight) on survival at each time
area <- sweep(U[, f1$time < 5, drop = FALSE], 2, diff(c(f1$time[f1$time < 5], 5)), "*")
rm_se <- sqrt(sum(rowSums(area)^2))
weighted <- list(time = wt, event = we, weights = w, cumhaz = f1$cumhaz, se = f1$std.chaz,
  rmst_se = rm_se, rmst_tau = 5)

set.seed(11)
n <- 60; ct2 <- round(rexp(n) * 10 + .5, 1); ce2 <- rbinom(n, 1, .7); z <- rnorm(n)
cw <- runif(n, .5, 2)
f <- coxph(Surv(ct2, ce2) ~ z, weights = cw, robust = FALSE)
fr <- coxph(Surv(ct2, ce2) ~ z, weights = cw, robust = TRUE)
coxw <- list(time = ct2, event = ce2, x = z, weights = cw, coef = unname(coef(f)),
  se = sqrt(f$var[1, 1]), robust_se = sqrt(fr$var[1, 1]))

# Weighted log-rank, robust: the robust score test of a Cox model (Breslow ties).
g3 <- factor(sample(c("a", "b", "c"), n, TRUE))
lr <- coxph(Surv(ct2, ce2) ~ g3, weights = cw, ties = "breslow", robust = TRUE, init = c(0, 0),
  iter.max = 0, cluster = seq_len(n))
rs <- residuals(lr, type = "score"); u <- colSums(rs * cw)
robust_lr <- drop(u %*% solve(t(rs * cw) %*% (rs * cw)) %*% u)
entry <- pmax(ct2 - sample(1:8, n, TRUE), 0)
lr2 <- coxph(Surv(entry, ct2, ce2) ~ g3 + strata(rep(1:2, 30)), weights = cw, ties = "breslow",
  robust = TRUE, init = c(0, 0), iter.max = 0, cluster = seq_len(n))
rs2 <- residuals(lr2, type = "score"); u2 <- colSums(rs2 * cw)
robust_lr2 <- drop(u2 %*% solve(t(rs2 * cw) %*% (rs2 * cw)) %*% u2)
whole <- sample(1:3, n, TRUE)
freq <- survdiff(Surv(ct2[rep(1:n, whole)], ce2[rep(1:n, whole)]) ~ g3[rep(1:n, whole)])$chisq
wlr <- list(time = ct2, event = ce2, group = as.character(g3), weights = cw, entry = entry,
  strata = rep(1:2, 30), statistic = robust_lr, statistic_strata_entry = robust_lr2,
  whole = whole, statistic_whole = freq)

# Difference of survival between two groups.
sf <- summary(survfit(Surv(ct2, ce2) ~ g3), times = c(5, 10), extend = TRUE)
m <- function(k) matrix(k, nrow = 2)
sd <- list(times = c(5, 10), survival = m(sf$surv), se = m(sf$std.err))

# Fine-Gray with late entry: survival::finegray and coxph (times without ties).
set.seed(5)
k <- 80; ft <- round(rexp(k) * 10 + 1, 4); fs <- sample(0:2, k, TRUE, c(.3, .4, .3))
fe <- round(ft * runif(k, 0, .6), 4); fx <- cbind(a = rnorm(k), b = rbinom(k, 1, .5))
d <- data.frame(id = 1:k, ft, fe, fs = factor(fs, 0:2, c("c", "pd", "death")), fx)
e <- finegray(Surv(fe, ft, fs) ~ ., data = d, id = id, etype = "pd")
f <- coxph(Surv(fgstart, fgstop, fgstatus) ~ a + b, data = e, weights = fgwt, ties = "breslow",
  id = id, robust = TRUE)
fgl <- list(time = ft, entry = fe, status = fs, x = unname(fx), coef = unname(coef(f)),
  var = unname(f$var))

pw <- lapply(list(c("a", "b"), c("a", "c"), c("b", "c")), function(p) {
  k <- g3 %in% p; f <- coxph(Surv(ct2[k], ce2[k]) ~ factor(g3[k], p))
  list(pair = p, hr = unname(exp(coef(f))), interval = unname(exp(confint(f)))[1, ])
})
cat(file = out, json(list(r = paste(getRversion()), two_by_two = two, r_by_c = wide,
  fine_gray = list(time = time, status = status, x = x, group = group, coef = unname(fg$coef),
    var = fg$var[1, 1]),
  uno_strata = list(time = ct, event = ce, risk = risk, strata = s, c = unname(uno$concordance),
    se = sqrt(uno$var)),
  ph_rank = list(time = tt, event = ee, x = zz, statistic = rank), weighted = weighted,
  cox_weights = coxw, weighted_logrank = wlr, survival_difference = sd, fine_gray_late = fgl,
  pairs = pw)), "\n")
