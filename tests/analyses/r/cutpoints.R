# Maximally selected log-rank statistics by maxstat, ROC cut by pROC and by hand with censoring
# weights; written for tests/analyses.
# Usage: Rscript cutpoints.R OUT.json
suppressMessages({library(maxstat); library(survival); library(pROC); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
data(DLBCL)
# maxstat ranks tied times by their average, and so loses some of the patients at risk: its
# statistics are compared where no two times are tied.
DLBCL <- na.omit(DLBCL[, c("time", "cens", "MGE")]); DLBCL$time <- DLBCL$time + seq_along(DLBCL$time) * 1e-4
one <- function(method) maxstat.test(Surv(time, cens) ~ MGE, data = DLBCL, smethod = "LogRank", pmethod = method)
m <- one("Lau92")
set.seed(1)
mc <- maxstat.test(Surv(time, cens) ~ MGE, data = DLBCL, smethod = "LogRank", pmethod = "condMC", B = 99999)
data(aSAH)
r <- roc(aSAH$outcome, aSAH$s100b, quiet = TRUE, direction = "<", levels = c("Good", "Poor"))
best <- coords(r, "best", ret = c("threshold", "specificity", "sensitivity"))
# Cumulative/dynamic ROC with weights from the Kaplan-Meier of the censoring (Blanche 2013, eq. 3 and 4).
timed <- function(d, h) {
  # Of a death and a censoring on one day the death comes first (as in timeROC by prodlim).
  g <- survfit(Surv(d$time + ifelse(d$event == 0, 0.5, 0), 1 - d$event) ~ 1)
  at <- function(t, left) { i <- if (left) sum(g$time < t) else sum(g$time <= t + 0.5); if (i == 0) 1 else g$surv[i] }
  w <- ifelse(d$event == 1 & d$time <= h, 1 / sapply(d$time, at, left = TRUE), 0)
  v <- as.numeric(d$time > h)
  cut <- sort(unique(d$x))
  sens <- sapply(cut, function(c) sum(w[d$x > c]) / sum(w))
  spec <- sapply(cut, function(c) sum(v[d$x <= c]) / sum(v))
  pairs <- outer(seq_along(d$x), seq_along(d$x), function(i, j) w[i] * v[j] * ((d$x[i] > d$x[j]) + (d$x[i] == d$x[j]) / 2))
  list(at = h, cut = cut, sens = sens, spec = spec, auc = sum(pairs) / (sum(w) * sum(v)))
}
pbc$event <- as.integer(pbc$status == 2); d <- data.frame(time = pbc$time, event = pbc$event, x = pbc$bili)
writeLines(toJSON(list(time = DLBCL$time, cens = DLBCL$cens, mge = DLBCL$MGE, statistic = unname(m$statistic), cut = unname(m$estimate), lau92 = m$p.value, lau94 = unname(one("Lau94")$p.value),
  condMC = mc$p.value, cuts = m$cuts, stats = m$stats,
  saah = list(x = aSAH$s100b, poor = as.integer(aSAH$outcome == "Poor"), auc = as.numeric(r$auc), threshold = best$threshold,
    sensitivity = best$sensitivity, specificity = best$specificity),
  timed = lapply(c(1000, 2000, 3000), function(h) timed(d, h))), digits = I(17), auto_unbox = TRUE, na = "null"), out)
