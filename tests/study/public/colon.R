# The colon cancer trial of Moertel et al. as a study, and what R makes of it.
#   Rscript tests/study/public/colon.R     (survival, jsonlite)
# Data: survival::colon, one row per patient: recurrence (etype 1) and death (etype 2).
suppressMessages({library(survival); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
rec <- subset(colon, etype == 1); dth <- subset(colon, etype == 2)
stopifnot(all(rec$id == dth$id))
d <- data.frame(
  patient = rec$id, arm = as.character(rec$rx), sex = ifelse(rec$sex == 1, "male", "female"),
  age = rec$age, obstruct = rec$obstruct, differ = rec$differ, extent = rec$extent,
  node4 = rec$node4, nodes = rec$nodes, rec_time = rec$time, rec = rec$status,
  os_time = dth$time, os = dth$status)
write.csv(d, file.path(here, "colon.csv"), row.names = FALSE, na = "")

d$rx <- factor(d$arm, c("Obs", "Lev", "Lev+5FU"))
d$old <- factor(d$age >= 60, c(FALSE, TRUE))
d$differ <- factor(d$differ); d$sex <- factor(d$sex, c("female", "male"))
fit <- function(f, data = parent.frame()) coxph(f, data,
  control = coxph.control(eps = 1e-14, toler.chol = 1e-14, iter.max = 60))
ratio <- function(f) { s <- summary(f); list(
  hr = unname(s$conf.int[, 1]), low = unname(s$conf.int[, 3]), high = unname(s$conf.int[, 4]),
  p = unname(s$coefficients[, 5]), n = s$n, events = s$nevent) }
p_of <- function(t) pchisq(t$chisq, length(t$n) - 1, lower.tail = FALSE)
one <- function(time, event) {
  S <- Surv(d[[time]], d[[event]])
  inter <- function(v) {
    k <- d[!is.na(d[[v]]), ]; S <- Surv(k[[time]], k[[event]]); g <- factor(k[[v]])
    a <- anova(fit(S ~ k$rx + g), fit(S ~ k$rx * g))
    list(p = a[2, ncol(a)],
         sub = lapply(setNames(levels(g), levels(g)), function(l)
           ratio(fit(S[g == l] ~ k$rx[g == l]))))
  }
  d$cross <<- interaction(d$sex, d$old)
  k <- combn(levels(d$rx), 2, simplify = FALSE)
  pair <- lapply(k, function(two) {
    r <- d$rx %in% two; g <- factor(d$rx[r], two)
    list(two = two, p = p_of(survdiff(S[r] ~ g)), ratio = ratio(fit(S[r] ~ g))) })
  list(
    plain = ratio(fit(S ~ rx, d)), stratified = ratio(fit(S ~ rx + strata(differ, sex), d)),
    logrank = p_of(survdiff(S ~ rx, d)),
    logrank_stratified = { t <- survdiff(S ~ rx + strata(differ, sex), d)
                           pchisq(t$chisq, 2, lower.tail = FALSE) },
    pairs = pair, holm = p.adjust(sapply(pair, `[[`, "p"), "holm"),
    sex = inter("sex"), old = inter("old"), node4 = inter("node4"), differ = inter("differ"),
    cross = inter("cross"))
}
write_json(list(recurrence = one("rec_time", "rec"), os = one("os_time", "os")),
           file.path(here, "colon.json"), digits = NA, auto_unbox = TRUE)
