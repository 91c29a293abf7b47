# Kaplan-Meier curves, quantiles, Nelson-Aalen, restricted means of R's survival; for tests/stats.
# Usage: Rscript curves.R OUT.json
suppressMessages({library(survival); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
cases <- list()

# R leaves out by na.rm nothing here: every case is complete.
case <- function(name, time, event, entry = NULL, weights = NULL, tau = NULL, at = NULL,
                 robust = NULL) {
  s <- if (is.null(entry)) Surv(time, event) else Surv(entry, time, event)
  fit <- function(ct, ...) {
    args <- list(formula = s ~ 1, conf.type = ct, ...)
    if (!is.null(weights)) args$weights <- weights
    if (!is.null(robust)) args$robust <- robust
    do.call(survfit, args)
  }
  f <- fit("plain")
  one <- list(name = name, time = time, event = event, entry = entry, weights = weights,
              robust = robust,
              curve = list(time = f$time, at_risk = f$n.risk, events = f$n.event,
                           censored = f$n.censor, survival = f$surv,
                           se = summary(f, censored = TRUE)$std.err))
  one$bands <- list()
  for (ct in c("plain", "log", "log-log", "logit", "arcsin")) {
    g <- fit(ct)
    table <- summary(g)$table
    q <- quantile(g, c(0.25, 0.75))
    one$bands[[ct]] <- list(
      low = g$lower, high = g$upper,
      median = unname(table[c("median", "0.95LCL", "0.95UCL")]),
      quartiles = rbind(q$quantile, q$lower, q$upper))
  }
  if (is.null(weights) || is.null(robust) || !robust) {
    one$hazard <- list()
    for (ctype in 1:2) {
      g <- fit("log", ctype = ctype)
      one$hazard[[ctype]] <- list(value = g$cumhaz, se = g$std.chaz)
    }
  }
  if (!is.null(tau)) {
    table <- summary(f, rmean = tau)$table
    one$tau <- tau
    one$rmst <- unname(table[c("rmean", "se(rmean)")])
  }
  if (!is.null(at)) {
    x <- summary(fit("log-log"), times = at, extend = TRUE)
    one$at <- list(time = at, survival = x$surv, low = x$lower, high = x$upper,
                   at_risk = x$n.risk)
  }
  cases[[length(cases) + 1]] <<- one
}

e <- lung$status - 1
case("lung", lung$time, e, tau = 365, at = c(0, 100, 250, 365, 500, 1000))
for (x in 1:2) case(paste0("lung-sex-", x), lung$time[lung$sex == x], e[lung$sex == x], tau = 500)
case("lung-reverse", lung$time, 1 - e)
# Deaths leave before censorings count: censorings moved by less than the gap between days.
case("lung-reverse-deaths-first", lung$time + 0.25 * (1 - e), 1 - e)
case("aml-maintained", aml$time[aml$x == "Maintained"], aml$status[aml$x == "Maintained"], tau = 40)
case("aml-not", aml$time[aml$x != "Maintained"], aml$status[aml$x != "Maintained"], tau = 45)
case("ovarian", ovarian$futime, ovarian$fustat, tau = 700)
case("ends-at-zero", c(1, 2, 3, 4, 4), c(0, 1, 1, 1, 1), tau = 4)
case("exactly-half", 1:4, c(1, 1, 1, 0), tau = 4)
case("one-event", c(2, 5, 7, 9), c(0, 1, 0, 0), tau = 9)
case("all-tied", rep(3, 6), c(1, 1, 0, 0, 1, 0), tau = 3)
case("time-zero", c(0, 0, 1, 2, 3, 5), c(1, 0, 1, 0, 1, 0), tau = 5)
h <- heart
case("heart", h$stop, h$event, entry = h$start)

set.seed(20)
n <- 200
time <- ceiling(rexp(n, 0.08)); event <- rbinom(n, 1, 0.65)
entry <- pmin(floor(runif(n, 0, 6)), time - 1)
whole <- sample(1:4, n, TRUE); part <- round(runif(n, 0.2, 3), 3)
case("ties", time, event, tau = 20, at = c(0, 3, 10.5, 30))
case("ties-whole-weights", time, event, weights = whole)
case("ties-part-weights", time, event, weights = part)
case("ties-part-weights-greenwood", time, event, weights = part, robust = FALSE)
case("ties-robust", time, event, robust = TRUE)
case("ties-entry", time, event, entry = entry)
case("ties-entry-part-weights-greenwood", time, event, entry = entry, weights = part,
     robust = FALSE)
case("continuous", rexp(80), rbinom(80, 1, 0.6), tau = 1)
case("rounding", c(24.3 / 12 * 12, 24.3, 0.1 + 0.2, 0.3, 5), c(1, 1, 1, 1, 0))

write(toJSON(list(r = as.character(getRversion()), survival = as.character(packageVersion("survival")),
                  cases = cases), digits = I(17), auto_unbox = TRUE, na = "null", null = "null"), out)
