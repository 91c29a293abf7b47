# Restricted cubic splines in Cox models by rms; written for tests/analyses.
# Usage: Rscript splines.R OUT.json
suppressMessages({library(rms); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
d <- pbc[, c("time", "status", "age", "bili", "albumin")]
dd <- datadist(d); options(datadist = "dd")
y <- with(d, Surv(time, status == 2))
cases <- list()
for (k in 3:7) {
  knots <- rcspline.eval(d$age, nk = k, knots.only = TRUE)
  basis <- rcspline.eval(c(30, 45, 51, 60, 75), knots = knots, inclx = TRUE)
  f <- cph(y ~ rcs(age, parms = knots) + albumin, data = d, eps = 1e-14, iter.max = 50)
  a <- anova(f)
  q <- unname(quantile(d$age, c(.25, .5, .75)))
  low <- f$var; b <- coef(f)
  at <- function(x) rcspline.eval(x, knots = knots, inclx = TRUE)
  contrast <- function(x, ref) { w <- c(at(x)[1, ] - at(ref)[1, ], 0); e <- sum(w * b); s <- sqrt(drop(w %*% f$var %*% w)); c(exp(e), exp(e - qnorm(.975) * s), exp(e + qnorm(.975) * s)) }
  cases[[length(cases) + 1]] <- list(k = k, knots = unname(knots), basis = unname(basis[, 1:(k - 1)]),
    coef = unname(b), p_age = unname(a["age", "P"]), p_nonlinear = unname(a[" Nonlinear", "P"]),
    quartile_hr = contrast(q[3], q[1]), at = lapply(c(30, 60, 75), function(x) contrast(x, q[2])))
}
f1 <- coxph(y ~ log2(bili) + I(age / 10), d)
f2 <- coxph(y ~ log10(bili) + I(age / sd(d$age)), d)
s <- survSplit(Surv(time, status == 2) ~ age + bili, d, cut = 1000, episode = "k")
knots <- rcspline.eval(d$age, nk = 4, knots.only = TRUE)

f3 <- coxph(Surv(tstart, time, event) ~ rcspline.eval(age, knots = knots, inclx = TRUE) + I(log2(bili) * (k == 1)) + I(log2(bili) * (k == 2)), s)
writeLines(toJSON(list(split = unname(exp(coef(f3)[4:5])), cases = cases, log2 = exp(c(coef(f1)[1], confint(f1)[1, ])), per10 = exp(c(coef(f1)[2], confint(f1)[2, ])),
  log10 = exp(c(coef(f2)[1], confint(f2)[1, ])), sd = exp(c(coef(f2)[2], confint(f2)[2, ]))), digits = I(17), auto_unbox = TRUE), out)
