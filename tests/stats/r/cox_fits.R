# Cox fits of R's survival on its own data sets and on random data; written for tests/stats.
# Usage: Rscript cox_fits.R OUT.json
suppressMessages({library(survival); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60)
cases <- list(); the_formula <- the_data <- the_ties <- NULL

numeric_columns <- function(d) lapply(d, as.numeric)

# x: covariate names; the rest: names of columns, or NULL.
case <- function(name, d, x, time = "time", event = "event", entry = NULL, strata = NULL,
                 weights = NULL, cluster = NULL, offset = NULL, ties = c("efron", "breslow"),
                 residuals = TRUE, zph = TRUE, newdata = NULL, robust = FALSE) {
  d <- d[, unique(c(time, event, entry, strata, weights, cluster, offset, x))]
  left <- if (is.null(entry)) sprintf("Surv(%s, %s)", time, event) else
    sprintf("Surv(%s, %s, %s)", entry, time, event)
  right <- x
  if (!is.null(strata)) right <- c(right, sprintf("strata(%s)", strata))
  if (!is.null(offset)) right <- c(right, sprintf("offset(%s)", offset))
  formula <- as.formula(paste(left, "~", paste(right, collapse = " + ")))
  for (tie in ties) {
    # The call holds names, not data, so that concordance() and cox.zph() can evaluate it again.
    the_formula <<- formula; the_data <<- d; the_ties <<- tie
    call <- quote(coxph(the_formula, data = the_data, ties = the_ties, control = control, x = TRUE))
    if (!is.null(weights)) call$weights <- as.name(weights)
    if (!is.null(cluster)) call$cluster <- as.name(cluster)
    if (robust) call$robust <- TRUE
    fit <- suppressWarnings(eval(call))
    s <- summary(fit)
    one <- list(
      name = paste0(name, "-", tie), ties = tie, data = numeric_columns(d), x = x, time = time,
      event = event, entry = entry, strata = strata, weights = weights, cluster = cluster,
      offset = offset, robust = robust,
      coef = unname(coef(fit)), var = unname(fit$var), loglik = fit$loglik,
      score_test = fit$score, wald_test = unname(fit$wald.test))
    if (!is.null(fit$naive.var)) one$naive_var <- unname(fit$naive.var)
    if (residuals && !anyNA(coef(fit))) {
      w <- list()
      kinds <- c("martingale", "deviance", "score", "dfbeta", "dfbetas")
      for (k in kinds) w[[k]] <- unname(as.matrix(residuals(fit, type = k)))
      one$residuals <- w
      one$schoenfeld <- unname(as.matrix(residuals(fit, type = "schoenfeld")))
      one$scaledsch <- unname(as.matrix(residuals(fit, type = "scaledsch")))
    }
    if (zph && !anyNA(coef(fit))) {
      one$zph <- list()
      for (tr in c("km", "rank", "identity", "log")) {
        z <- tryCatch(cox.zph(fit, transform = tr, terms = FALSE), error = function(e) NULL)
        if (!is.null(z) && all(is.finite(z$table))) one$zph[[tr]] <- unname(z$table)
      }
    }
    if (!is.null(newdata) && is.null(offset)) {
      sf <- survfit(fit, newdata = newdata, conf.type = "log")
      ll <- survfit(fit, newdata = newdata, conf.type = "log-log")
      one$newdata <- numeric_columns(newdata)
      one$survfit <- list(time = sf$time, surv = unname(as.matrix(sf$surv)),
        std_chaz = unname(as.matrix(sf$std.chaz)), cumhaz = unname(as.matrix(sf$cumhaz)),
        low = unname(as.matrix(sf$lower)), high = unname(as.matrix(sf$upper)),
        loglog_low = unname(as.matrix(ll$lower)), loglog_high = unname(as.matrix(ll$upper)),
        strata = if (is.null(sf$strata)) NULL else unname(sf$strata))
    }
    if (!anyNA(coef(fit))) {
      cc <- concordance(fit)
      one$concordance <- unname(cc$concordance)
      one$concordance_var <- unname(cc$var)
      one$concordance_counts <- unname(if (is.matrix(cc$count)) colSums(cc$count) else cc$count)
    }
    cases[[length(cases) + 1]] <<- one
  }
}

lung2 <- na.omit(lung[, c("time", "status", "age", "sex", "ph.ecog", "wt.loss", "inst")])
names(lung2) <- c("time", "status", "age", "sex", "ecog", "loss", "inst")
lung2$event <- lung2$status - 1
new <- data.frame(age = c(50, 70), sex = c(1, 2), ecog = c(0, 2))
case("lung", lung2, c("age", "sex", "ecog"), newdata = new)
case("lung-sex", transform(lung[, c("time", "status", "sex")], event = status - 1), "sex",
     ties = c("efron", "breslow", "exact"), residuals = FALSE, zph = FALSE)
case("lung-strata", lung2, c("age", "ecog"), strata = "sex", newdata = new[, c("age", "ecog", "sex")])
case("lung-cluster", lung2, c("age", "sex"), cluster = "inst")
case("lung-robust", lung2, c("age", "sex"), robust = TRUE)
vet <- transform(veteran, event = status, type = as.numeric(celltype))
case("veteran", vet, c("trt", "karno", "age"), newdata = data.frame(trt = 1, karno = 60, age = 50))
case("veteran-strata", vet, c("trt", "karno"), strata = "type")
ov <- ovarian; names(ov) <- c("time", "event", "age", "resid", "rx", "ecog")
case("ovarian", ov, c("age", "rx"))
hh <- heart[, c("start", "stop", "event", "age", "year", "surgery", "transplant", "id")]
hh$transplant <- as.numeric(hh$transplant)
case("heart", hh, c("age", "year", "surgery"), time = "stop", entry = "start")
case("heart-cluster", hh, c("age", "transplant"), time = "stop", entry = "start", cluster = "id")

set.seed(20)
n <- 120
rd <- data.frame(time = ceiling(rexp(n, 0.15)), event = rbinom(n, 1, 0.7), a = rnorm(n),
                 b = rbinom(n, 1, 0.4), c = runif(n), s = sample(1:3, n, TRUE),
                 w = sample(1:4, n, TRUE) / 2, off = rnorm(n) / 4, id = sample(1:40, n, TRUE))
rd$entry <- pmax(0, rd$time - sample(1:9, n, TRUE))
rd$start <- rd$entry
case("random-ties", rd, c("a", "b", "c"), newdata = data.frame(a = c(-1, 0.5), b = c(0, 1), c = c(0.2, 0.9)))
case("random-weights", rd, c("a", "b"), weights = "w", newdata = data.frame(a = 0, b = 1))
case("random-entry", rd, c("a", "b"), entry = "entry", newdata = data.frame(a = 0, b = 1))
case("random-offset", rd, c("a", "b"), offset = "off")
case("random-everything", rd, c("a", "b", "c"), entry = "entry", strata = "s", weights = "w")
case("random-everything-cluster", rd, c("a", "b"), entry = "entry", strata = "s", weights = "w",
     cluster = "id")
tied <- transform(rd, time = 5)
case("all-tied", tied, c("a", "b"), zph = FALSE)
single <- rd; single$event <- 0; single$event[order(single$time)[40]] <- 1
single$a <- pmin(pmax(single$a, -1), 1); single$a[order(single$time)[40]] <- 0
case("one-event", single, "a", residuals = TRUE, zph = FALSE)
const <- transform(rd, k = 3, twice = 2 * a + 1)
case("constant", const, c("a", "k", "b"), residuals = FALSE, zph = FALSE)
case("collinear", const, c("a", "twice", "b"), residuals = FALSE, zph = FALSE)
small <- rd[1:40, ]; small$time <- pmin(small$time, 8)
case("exact", small, c("a", "b"), ties = "exact", residuals = FALSE, zph = FALSE)
case("exact-strata", small, c("a", "b"), ties = "exact", strata = "s", residuals = FALSE, zph = FALSE)

writeLines(toJSON(list(r = as.character(getRversion()), survival = as.character(packageVersion("survival")),
  cases = cases), digits = I(17), auto_unbox = TRUE, null = "null", na = "null", matrix = "rowmajor"), out)
