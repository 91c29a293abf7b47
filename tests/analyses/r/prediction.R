# Performance of Cox models in R, corrected by bootstrap samples that are stored here, and the
# points of rms::nomogram; written for tests/analyses.
# Usage: Rscript prediction.R OUT.json
suppressMessages({library(survival); library(rms); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
d <- na.omit(lung[, c("time", "status", "age", "sex", "ph.ecog", "wt.loss")])
# No tied times: so no rule for ties is compared here.
d$time <- d$time + seq_len(nrow(d)) * 1e-3
d$event <- d$status - 1; rownames(d) <- NULL
times <- c(180, 360); tau <- 360; G <- 4; pt <- seq(.01, .99, .01)
form <- Surv(time, event) ~ age + sex + ph.ecog
n <- nrow(d)
cens_at <- function(s, t, left) {
  g <- survfit(Surv(s$time + ifelse(s$event == 0, 1e-4, 0), 1 - s$event) ~ 1, timefix = FALSE)
  k <- if (left) sum(g$time < t) else sum(g$time <= t + 1e-4)
  if (k == 0) 1 else g$surv[k]
}
auc <- function(s, x, h) {
  w <- ifelse(s$event == 1 & s$time <= h, 1 / sapply(s$time, function(t) cens_at(s, t, TRUE)), 0)
  v <- as.numeric(s$time > h)
  i <- which(w > 0); j <- which(v > 0)
  m <- outer(i, j, function(a, b) w[a] * v[b] * ((x[a] > x[b]) + (x[a] == x[b]) / 2))
  sum(m) / (sum(w) * sum(v))
}
km <- function(s, h) { f <- survfit(Surv(time, event) ~ 1, s, timefix = FALSE); k <- sum(f$time <= h); v <- if (k == 0) 1 else f$surv[k]; if (max(s$time) < h && v > 0) NA else v }
nb <- function(s, r, h) sapply(pt, function(p) { k <- r >= p; if (!any(k)) return(0); S <- km(s[k, ], h); m <- mean(k); (1 - S) * m - S * m * p / (1 - p) })
score <- function(s, lp, H) {
  lapply(seq_along(times), function(i) {
    S <- exp(-H[i] * exp(lp)); q <- quantile(S, 1:(G - 1) / G); g <- findInterval(S, q, left.open = TRUE) + 1
    list(auc = auc(s, lp, times[i]), gap = sapply(1:G, function(k) km(s[g == k, ], times[i]) - mean(S[g == k])),
      predicted = sapply(1:G, function(k) mean(S[g == k])), observed = sapply(1:G, function(k) km(s[g == k, ], times[i])), nb = nb(s, 1 - S, times[i]))
  })
}
cs <- function(s, lp) { s$lp <- lp; c(concordance(Surv(time, event) ~ lp, s, reverse = TRUE, timefix = FALSE)$concordance,
  concordance(Surv(time, event) ~ lp, s, reverse = TRUE, timewt = "n/G2", ymax = tau, timefix = FALSE)$concordance) }
tight <- coxph.control(eps = 1e-12, iter.max = 50, timefix = FALSE)
hazard <- function(f, s) { X <- as.matrix(s[, c("age", "sex", "ph.ecog")]); lp <- drop(X %*% coef(f)); b <- basehaz(f, centered = FALSE); list(lp = lp, H = sapply(times, function(h) { k <- sum(b$time <= h); if (k == 0) 0 else b$hazard[k] })) }
f <- coxph(form, d, control = tight); a <- hazard(f, d); whole <- score(d, a$lp, a$H); whole_c <- cs(d, a$lp)
set.seed(7); B <- 12; idx <- t(replicate(B, sample(n, n, TRUE)))
gains <- lapply(seq_len(B), function(b) {
  sample_rows <<- d[idx[b, ], ]; s <- sample_rows; fb <- coxph(form, sample_rows, control = tight); h <- hazard(fb, s)
  lp0 <- drop(as.matrix(d[, c("age", "sex", "ph.ecog")]) %*% coef(fb))
  own <- score(s, h$lp, h$H); there <- score(d, lp0, h$H)
  list(c = cs(s, h$lp) - cs(d, lp0), slope = unname(coef(coxph(Surv(time, event) ~ lp0, d, control = tight))),
    auc = sapply(seq_along(times), function(i) own[[i]]$auc - there[[i]]$auc),
    gap = lapply(seq_along(times), function(i) own[[i]]$gap - there[[i]]$gap), nb = lapply(seq_along(times), function(i) own[[i]]$nb - there[[i]]$nb))
})
m <- function(get) rowMeans(cbind(sapply(gains, get)), na.rm = TRUE)
one <- function(get) mean(sapply(gains, get), na.rm = TRUE)
all_nb <- lapply(times, function(h) nb(d, rep(1, n), h))
# The nomogram of rms.
dd <- datadist(d); options(datadist = "dd")
c1 <- cph(form, d, eps = 1e-12, iter.max = 50, x = TRUE, y = TRUE, surv = TRUE, time.inc = 180)
s1 <- Survival(c1)
nom <- nomogram(c1, age = c(40, 50, 60, 70, 80), sex = c(1, 2), ph.ecog = c(0, 1, 2, 3), fun = function(x) s1(180, x), lp = FALSE, maxscale = 100)
# Published: Harrell's and Uno's C of the colon cancer trial.
k <- subset(colon, etype == 2)
write.csv(k[, c("id", "time", "status", "rx", "nodes", "extent")], file.path(dirname(out), "colon.csv"), row.names = FALSE, na = "", quote = FALSE)
writeLines(toJSON(list(data = d[, c("time", "event", "age", "sex", "ph.ecog")], times = times, samples = idx - 1, c = whole_c,
  c_corrected = whole_c - m(function(g) g$c), slope = one(function(g) g$slope),
  per_time = lapply(seq_along(times), function(i) list(auc = whole[[i]]$auc, auc_corrected = whole[[i]]$auc - one(function(g) g$auc[i]),
    predicted = whole[[i]]$predicted, observed = whole[[i]]$observed, corrected = whole[[i]]$observed - m(function(g) g$gap[[i]]),
    nb = whole[[i]]$nb, nb_corrected = whole[[i]]$nb - m(function(g) g$nb[[i]]), all = all_nb[[i]])),
  nomogram = list(age = list(value = nom$age$age, points = nom$age$points), sex = list(value = nom$sex$sex, points = nom$sex$points),
    ecog = list(value = nom$ph.ecog$ph.ecog, points = nom$ph.ecog$points))), digits = I(17), auto_unbox = TRUE, dataframe = "columns"), out)
