# Concordance with time weights (Uno's C) of R's survival; written for tests/stats.
# Usage: Rscript cox_uno.R OUT.json
suppressMessages({library(survival); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
l <- na.omit(lung[, c("time", "status", "age", "ph.ecog")])
cases <- list()
for (tau in c(Inf, 500)) {
  h <- concordance(Surv(time, status) ~ age, l, reverse = TRUE, ymax = if (is.finite(tau)) tau else NULL)
  u <- concordance(Surv(time, status) ~ age, l, reverse = TRUE, timewt = "n/G2",
                   ymax = if (is.finite(tau)) tau else NULL)
  cases[[length(cases) + 1]] <- list(tau = if (is.finite(tau)) tau else NULL,
    harrell = unname(h$concordance), harrell_var = unname(h$var), harrell_count = unname(h$count),
    uno = unname(u$concordance), uno_var = unname(u$var))
}
writeLines(toJSON(list(time = l$time, event = l$status - 1, risk = l$age, cases = cases),
  digits = I(17), auto_unbox = TRUE, null = "null"), out)
