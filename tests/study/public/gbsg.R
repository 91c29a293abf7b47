# Hormonal therapy in the German Breast Cancer Study Group trial (survival::gbsg) as a study, with
# weights by formula and pairs by a plain loop. (The caliper of MatchIt 4.5.1 lets differences up to
# 1 pass, whatever was asked for, so it is no reference here.)
#   Rscript tests/study/public/gbsg.R     (survival, jsonlite)
suppressMessages({library(survival); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- gbsg; d$patient <- seq_len(nrow(d))
write.csv(d[, c("patient", "age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon",
                "rfstime", "status")], file.path(here, "gbsg.csv"), row.names = FALSE)
d$grade <- factor(d$grade); d$meno <- factor(d$meno)
f <- hormon ~ age + meno + size + grade + nodes + pgr + er
e <- unname(fitted(glm(f, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 60))))
t <- d$hormon; p <- mean(t)
w <- list(iptw = ifelse(t == 1, 1 / e, 1 / (1 - e)),
          stabilized = ifelse(t == 1, p / e, (1 - p) / (1 - e)),
          overlap = ifelse(t == 1, 1 - e, e), att = ifelse(t == 1, 1, e / (1 - e)))
ctl <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
one <- function(w) {
  d$w <<- w
  f <- coxph(Surv(rfstime, status) ~ hormon, d, weights = w, robust = TRUE, control = ctl)
  s <- summary(f); k <- survfit(Surv(rfstime, status) ~ hormon, d, weights = w)
  list(hr = s$conf.int[1, 1], low = s$conf.int[1, 3], high = s$conf.int[1, 4],
       p = s$coefficients[1, 6], at1000 = summary(k, times = 1000)$surv,
       median = unname(quantile(k, 0.5)$quantile[, 1]),
       ess = as.numeric(tapply(w, t, function(x) sum(x)^2 / sum(x^2))))
}
weighted <- lapply(w, one)
plain <- summary(coxph(Surv(rfstime, status) ~ hormon, d, control = ctl))
l <- round(log(e / (1 - e)), 12); free <- which(t == 0); subclass <- rep(NA, nrow(d)); k <- 0
for (i in which(t == 1)[order(-l[t == 1])]) {
  j <- free[which.min(round(abs(l[free] - l[i]), 12))]
  if (length(j) && abs(l[j] - l[i]) <= 0.2 * sd(l)) {
    k <- k + 1; subclass[c(i, j)] <- k; free <- setdiff(free, j)
  }
}
d$subclass <- subclass; md <- d[!is.na(subclass), ]
mf <- summary(coxph(Surv(rfstime, status) ~ hormon, md, cluster = subclass, robust = TRUE, control = ctl))
smd <- function(x, w) { v <- (var(x[t == 1]) + var(x[t == 0])) / 2
  (weighted.mean(x[t == 1], w[t == 1]) - weighted.mean(x[t == 0], w[t == 0])) / sqrt(v) }
write_json(list(
  score = e, weighted = weighted,
  unadjusted = list(hr = plain$conf.int[1, 1], p = plain$coefficients[1, 5]),
  matching = list(hr = mf$conf.int[1, 1], low = mf$conf.int[1, 3], high = mf$conf.int[1, 4],
                  p = mf$coefficients[1, 6], n = nrow(md), pairs = nrow(md) / 2),
  smd_age = lapply(c(list(unadjusted = rep(1, nrow(d))), w), function(w) smd(d$age, w))),
  file.path(here, "gbsg.json"), digits = NA, auto_unbox = TRUE)
