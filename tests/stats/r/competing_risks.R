# Cumulative incidence, Gray's test and Fine-Gray of R's cmprsk and survival; for tests/stats.
# Usage: Rscript competing_risks.R OUT.json
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
incidence <- tests <- models <- list()

curves <- function(name, time, type, weights = NULL, entry = NULL) {
  s <- if (is.null(entry)) Surv(time, factor(type, 0:max(type))) else
    Surv(entry, time, factor(type, 0:max(type)))
  args <- list(formula = s ~ 1, conf.type = "log-log", id = if (is.null(entry)) NULL else seq_along(time))
  if (!is.null(weights)) args$weights <- weights
  f <- do.call(survfit, args)
  one <- list(name = name, time = time, type = type, weights = weights, entry = entry,
    survfit = list(time = f$time, at_risk = f$n.risk[, 1], events = f$n.event[, -1, drop = FALSE],
      incidence = f$pstate[, -1, drop = FALSE], se = f$std.err[, -1, drop = FALSE],
      low = f$lower[, -1, drop = FALSE], high = f$upper[, -1, drop = FALSE]))
  if (is.null(weights) && is.null(entry)) {
    tp <- timepoints(cuminc(time, type), f$time[f$time <= max(time[type > 0])])
    one$cuminc <- list(incidence = unname(tp$est), variance = unname(tp$var))
  }
  incidence[[length(incidence) + 1]] <<- one
}

gray <- function(name, time, type, group, strata = NULL, rho = 0) {
  s <- if (is.null(strata)) rep(1, length(time)) else strata
  tests[[length(tests) + 1]] <<- list(name = name, time = time, type = type, group = group,
    strata = strata, rho = rho, tests = unname(cuminc(time, type, group, s, rho)$Tests))
}

model <- function(name, time, type, x, cengroup = NULL, cause = 1) {
  g <- if (is.null(cengroup)) rep(1, length(time)) else cengroup
  f <- crr(time, type, x, cengroup = g, failcode = cause, gtol = 1e-13, maxiter = 100)
  at <- colMeans(x)
  models[[length(models) + 1]] <<- list(name = name, time = time, type = type, x = unname(as.matrix(x)),
    cengroup = cengroup, cause = cause, coef = unname(f$coef), var = unname(f$var),
    inverse_information = unname(f$invinf), loglik = f$loglik, loglik_null = f$loglik.null,
    at = unname(at), predicted = unclass(unname(predict(f, at))))
}

m <- mgus2
mt <- ifelse(m$pstat == 1, m$ptime, m$futime)
my <- ifelse(m$pstat == 1, 1, 2 * m$death)
curves("mgus2", mt, my)
gray("mgus2-sex", mt, my, as.integer(m$sex))
gray("mgus2-age", mt, my, as.integer(cut(m$age, c(0, 60, 70, 80, 120))))
k <- which(!is.na(m$hgb) & !is.na(m$mspike))[1:500]
model("mgus2", mt[k], my[k], cbind(age = m$age, male = as.integer(m$sex == "M"), hgb = m$hgb)[k, ])
model("mgus2-death", mt[k], my[k], cbind(age = m$age, male = as.integer(m$sex == "M"))[k, ], cause = 2)

set.seed(22)
n <- 150
time <- rexp(n); type <- sample(0:2, n, TRUE); group <- sample(1:3, n, TRUE)
x <- cbind(rnorm(n), rbinom(n, 1, 0.5))
curves("continuous", time, type); gray("continuous", time, type, group)
model("continuous", time, type, x)
time <- ceiling(rexp(n, 0.15)); w <- round(runif(n, 0.3, 2), 2); entry <- pmax(0, time - sample(1:8, n, TRUE))
curves("ties", time, type); curves("ties-weights", time, type, weights = w)
curves("ties-entry", time, type, entry = entry)
gray("ties", time, type, group); gray("ties-rho", time, type, group, rho = 1)
gray("ties-strata", time, type, group, strata = sample(1:3, n, TRUE))
gray("ties-rho-strata", time, type, group, strata = sample(1:2, n, TRUE), rho = 0.5)
model("ties", time, type, x); model("ties-groups", time, type, x, cengroup = group)
model("ties-one", time, type, x[, 1, drop = FALSE])
type3 <- sample(0:3, n, TRUE)
curves("three-causes", time, type3); gray("three-causes", time, type3, group)
# Groups that end with an event, so that no one is left.
s <- 40
time <- ceiling(rexp(s, 0.2)); type <- sample(1:2, s, TRUE); group <- rep(1:2, s / 2)
curves("no-censoring", time, c(0, type[-1])); gray("nearly-no-censoring", time, c(0, type[-1]), group)
time <- rexp(s); type <- sample(1:2, s, TRUE); type[which.min(time)] <- 0
gray("ends-with-events", time, type, group)

write(toJSON(list(r = as.character(getRversion()), survival = as.character(packageVersion("survival")),
  cmprsk = as.character(packageVersion("cmprsk")), incidence = incidence, tests = tests,
  models = models), digits = I(17), auto_unbox = TRUE, na = "null", null = "null",
  matrix = "rowmajor"), out)
