# Log-rank family of R's survival, p.adjust, one-sample log-rank; for tests/stats.
# Usage: Rscript rank_tests.R OUT.json
suppressMessages({library(survival); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
cases <- list()

# Fleming-Harrington, Gehan, Tarone-Ware and Peto-Peto are not in survdiff: from their definition.
by_definition <- function(time, event, group, strata, weight) {
  levels <- sort(unique(group)); u <- rep(0, length(levels)); v <- matrix(0, length(u), length(u))
  for (s in unique(strata)) {
    keep <- strata == s; t <- time[keep]; e <- event[keep]; g <- group[keep]
    surv <- 1; peto <- 1
    for (at in sort(unique(t[e == 1]))) {
      n <- sum(t >= at); d <- sum(t == at & e == 1)
      ng <- sapply(levels, function(l) sum(t >= at & g == l))
      dg <- sapply(levels, function(l) sum(t == at & e == 1 & g == l))
      peto <- peto * (1 - d / (n + 1))
      w <- weight(n, surv, peto)
      u <- u + w * (dg - ng * d / n)
      if (n > 1) v <- v + w^2 * d * (n - d) / (n - 1) * (diag(ng / n, length(ng)) - outer(ng / n, ng / n))
      surv <- surv * (1 - d / n)
    }
  }
  if (all(v == 0)) return(NA)
  i <- -1
  sum(u[i] * solve(v[i, i], u[i]))
}

case <- function(name, time, event, group, strata = NULL) {
  s <- if (is.null(strata)) rep(1, length(time)) else strata
  one <- list(name = name, time = time, event = event, group = group, strata = strata, rho = list())
  for (rho in c(0, 0.5, 1)) {
    f <- if (is.null(strata)) survdiff(Surv(time, event) ~ group, rho = rho) else
      survdiff(Surv(time, event) ~ group + strata(s), rho = rho)
    total <- function(x) if (is.matrix(x)) rowSums(x) else x
    score <- seq_along(f$n) - 1
    trend <- sum(score * (total(f$obs) - total(f$exp)))^2 / sum(score * (f$var %*% score))
    one$rho[[length(one$rho) + 1]] <- list(rho = rho, observed = total(f$obs),
      expected = total(f$exp), var = f$var, chisq = f$chisq,
      p = pchisq(f$chisq, length(f$n) - 1, lower.tail = FALSE), trend = trend)
  }
  one$weighted <- list(
    gehan = by_definition(time, event, group, s, function(n, surv, peto) n),
    "tarone-ware" = by_definition(time, event, group, s, function(n, surv, peto) sqrt(n)),
    "peto-peto" = by_definition(time, event, group, s, function(n, surv, peto) peto),
    "modified-peto-peto" = by_definition(time, event, group, s,
                                         function(n, surv, peto) peto * n / (n + 1)),
    fh01 = by_definition(time, event, group, s, function(n, surv, peto) 1 - surv),
    fh11 = by_definition(time, event, group, s, function(n, surv, peto) surv * (1 - surv)),
    "fh0.5-2" = by_definition(time, event, group, s, function(n, surv, peto) surv^0.5 * (1 - surv)^2))
  levels <- sort(unique(group))
  if (length(levels) > 2) {
    pairs <- combn(length(levels), 2)
    p <- apply(pairs, 2, function(ij) {
      keep <- group %in% levels[ij]
      f <- if (is.null(strata)) survdiff(Surv(time, event) ~ group, subset = keep) else
        survdiff(Surv(time, event) ~ group + strata(s), subset = keep)
      pchisq(f$chisq, 1, lower.tail = FALSE)
    })
    one$pairwise <- list(none = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH"),
                         bonferroni = p.adjust(p, "bonferroni"))
  }
  cases[[length(cases) + 1]] <<- one
}

e <- lung$status - 1
case("lung-sex", lung$time, e, lung$sex)
k <- !is.na(lung$ph.ecog) & lung$ph.ecog < 3
case("lung-ecog", lung$time[k], e[k], lung$ph.ecog[k])
case("lung-sex-by-ecog", lung$time[k], e[k], lung$sex[k], lung$ph.ecog[k])
case("aml", aml$time, aml$status, as.integer(aml$x))
case("veteran-cell", veteran$time, veteran$status, as.integer(veteran$celltype))
case("ovarian", ovarian$futime, ovarian$fustat, ovarian$rx)
case("colon-death", colon$time[colon$etype == 2], colon$status[colon$etype == 2],
     as.integer(colon$rx[colon$etype == 2]))
set.seed(21)
n <- 150
case("ties", ceiling(rexp(n, 0.3)), rbinom(n, 1, 0.7), sample(1:3, n, TRUE))
case("ties-strata", ceiling(rexp(n, 0.2)), rbinom(n, 1, 0.7), sample(1:2, n, TRUE),
     sample(1:5, n, TRUE))
case("one-event", 1:10, c(0, 0, 0, 1, 0, 0, 0, 0, 0, 0), rep(1:2, 5))
case("all-tied", rep(4, 12), rep(c(1, 1, 0), 4), rep(1:2, 6))

# One sample against an exponential curve and against a step curve.
one_sample <- list()
add <- function(name, time, event, s0, ...) {
  f <- survdiff(Surv(time, event) ~ offset(s0))
  ci <- poisson.test(sum(event), f$exp)$conf.int
  one_sample[[length(one_sample) + 1]] <<- list(name = name, time = time, event = event,
    observed = f$obs, expected = f$exp, chisq = f$chisq, ratio = c(f$obs / f$exp, ci), ...)
}
add("lung-exponential", lung$time, e, exp(-log(2) / 365 * lung$time), median = 365)
steps <- c(100, 200, 400, 800); s <- c(0.9, 0.7, 0.4, 0.1)
add("lung-step", lung$time, e, c(1, s)[findInterval(lung$time, steps) + 1], times = steps, survival = s)

write(toJSON(list(r = as.character(getRversion()), survival = as.character(packageVersion("survival")),
  cases = cases, one_sample = one_sample), digits = I(17), auto_unbox = TRUE, na = "null",
  null = "null", matrix = "rowmajor"), out)
