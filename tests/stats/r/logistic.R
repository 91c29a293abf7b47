# Logistic regression by glm, and Firth's penalised likelihood from its definition; for tests/stats.
# Usage: Rscript logistic.R OUT.json
suppressMessages({library(jsonlite); library(MASS); library(survival)})
out <- commandArgs(trailingOnly = TRUE)[1]
sharp <- glm.control(epsilon = 1e-15, maxit = 200)
cases <- firth <- list()

# Profile likelihood ends and tests from the definition, not from confint (a spline there).
plain <- function(name, y, x, weights = NULL, offset = NULL, terms = list()) {
  x <- as.matrix(x); w <- if (is.null(weights)) rep(1, length(y)) else weights
  o <- if (is.null(offset)) rep(0, length(y)) else offset
  fit <- suppressWarnings(glm(y ~ x, binomial, weights = w, offset = o, control = sharp))
  for (i in 1:2) fit <- suppressWarnings(glm(y ~ x, binomial, weights = w, offset = o, # its variance is one step behind
    control = glm.control(epsilon = 1e-300, maxit = 3), start = coef(fit)))
  null <- suppressWarnings(glm(y ~ 1, binomial, weights = w, offset = o, control = sharp))
  co <- summary(fit)$coefficients
  held <- function(j, b) suppressWarnings(glm.fit(cbind(1, x[, -j, drop = FALSE]), y, w,
    offset = o + b * x[, j], family = binomial(), control = sharp))$deviance
  ends <- ps <- list()
  for (j in seq_len(ncol(x))) {
    b <- coef(fit)[j + 1]; se <- co[j + 1, 2]
    f <- function(v) held(j, v) - fit$deviance - qchisq(0.95, 1)
    ends[[j]] <- c(uniroot(f, c(b - 6 * se, b), tol = 1e-13)$root, uniroot(f, c(b, b + 6 * se), tol = 1e-13)$root)
    ps[[j]] <- pchisq(held(j, 0) - fit$deviance, 1, lower.tail = FALSE)
  }
  joint <- lapply(terms, function(at) {
    b <- coef(fit)[at + 2]; v <- vcov(fit)[at + 2, at + 2]; stat <- c(b %*% solve(v, b))
    less <- suppressWarnings(glm.fit(cbind(1, x[, -(at + 1), drop = FALSE]), y, w, offset = o,
      family = binomial(), control = sharp))$deviance
    c(stat, pchisq(stat, length(at), lower.tail = FALSE), less - fit$deviance)
  })
  cases[[length(cases) + 1]] <<- list(name = name, y = y, x = x, weights = weights, offset = offset,
    terms = terms, coef = unname(coef(fit)), se = unname(co[, 2]), z = unname(co[, 3]), p = unname(co[, 4]),
    covariance = unname(vcov(fit)), lr = null$deviance - fit$deviance, fitted = unname(fitted(fit)),
    profile = do.call(rbind, ends), profile_p = unlist(ps), joint = joint)
}

# Firth: l(b) + log|I(b)| / 2, its gradient through dI/db (not through leverages), solved by Newton
# with a numeric Jacobian. Held coefficients keep the penalty of the full model (as in logistf).
jeffreys <- function(name, y, x) {
  m <- colMeans(as.matrix(x)); X <- cbind(1, scale(as.matrix(x), m, FALSE)); k <- ncol(X) # |I(b)| is the same
  info <- function(b) { p <- plogis(c(X %*% b)); crossprod(X, X * (p * (1 - p))) }
  value <- function(b) { e <- c(X %*% b)
    sum(plogis(e, log.p = TRUE)[y == 1]) + sum(plogis(-e, log.p = TRUE)[y == 0]) +
      as.numeric(determinant(info(b))$modulus) / 2 }
  slope <- function(b) { p <- plogis(c(X %*% b)); inv <- solve(info(b)); d <- p * (1 - p) * (1 - 2 * p)
    c(crossprod(X, y - p)) + sapply(1:k, function(r) sum(diag(inv %*% crossprod(X, X * (d * X[, r])))) / 2) }
  solved <- function(free, b) {
    for (i in 1:500) {
      g <- slope(b)[free]; step <- rep(0, k); h <- 1e-5
      M <- info(b)[free, free, drop = FALSE]
      if (sum(g * solve(M, g)) < 1e-2) { # near the top: Newton, its matrix by central differences
        J <- sapply(free, function(j) { e <- replace(rep(0, k), j, h * max(1, abs(b[j]))); (slope(b + e) - slope(b - e))[free] / (2 * e[j]) })
        M <- -matrix(J, length(free))
      }
      step[free] <- solve(M, g); f <- 1
      while (!is.finite(value(b + f * step)) || value(b + f * step) < value(b) - 1e-10) f <- f / 2
      b <- b + f * step
      if (max(abs(step) / pmax(1e-3, abs(b))) < 1e-13) break
    }
    b
  }
  b <- solved(1:k, rep(0, k)); top <- value(b)
  held <- function(j, v) { s <- b; s[j] <- v; if (k == 1) s else solved(setdiff(1:k, j), s) }
  drop <- function(j, v) 2 * (top - value(held(j, v)))
  se <- sqrt(diag(solve(info(b)))); ends <- ps <- list()
  for (j in 2:k) {
    f <- function(v) drop(j, v) - qchisq(0.95, 1)
    reach <- function(sign) { v <- b[j] + sign * se[j]; while (f(v) < 0) v <- v + sign * se[j] / 2; v }
    ends[[j - 1]] <- c(uniroot(f, c(reach(-1), b[j]), tol = 1e-12)$root, uniroot(f, c(b[j], reach(1)), tol = 1e-12)$root)
    ps[[j - 1]] <- pchisq(drop(j, 0), 1, lower.tail = FALSE)
  }
  null <- solved(1, replace(rep(0, k), 1, qlogis(mean(y))))
  back <- diag(k); back[1, -1] <- -m
  firth[[length(firth) + 1]] <<- list(name = name, y = y, x = as.matrix(x), coef = c(back %*% b),
    se = sqrt(diag(back %*% solve(info(b)) %*% t(back))),
    loglik = top, loglik_null = value(null), profile = do.call(rbind, ends), profile_p = unlist(ps))
}

b <- birthwt
race <- cbind(black = as.integer(b$race == 2), other = as.integer(b$race == 3))
plain("birthwt, age lwt race ftv", b$low, cbind(b$age, b$lwt, race, b$ftv), terms = list(c(2, 3)))
plain("birthwt, one column", b$low, cbind(b$smoke))
plain("birthwt, eight columns", b$low, cbind(b$age, b$lwt, race, b$smoke, as.integer(b$ptl > 0), b$ht, b$ui), terms = list(c(2, 3)))
set.seed(12); w <- round(runif(nrow(b), 0.2, 3), 4)
plain("birthwt, weights", b$low, cbind(b$age, b$lwt, b$smoke), weights = w)
plain("birthwt, offset", b$low, cbind(b$lwt, b$smoke), offset = round(0.03 * (b$age - 23), 6))
plain("birthwt, far from zero", b$low, cbind(2000 + b$age / 10, 1e6 + b$lwt))
v <- veteran
plain("veteran, death by 90 days", as.integer(v$time <= 90 & v$status == 1), cbind(v$karno, v$age, v$trt == 2, v$prior == 10))
jeffreys("birthwt, age lwt race", b$low, cbind(b$age, b$lwt, race))
jeffreys("birthwt, few", b$low[1:40 * 4], cbind(b$lwt / 50, b$smoke, b$ht)[1:40 * 4, ])
y <- c(rep(0, 12), rep(1, 9), 0, 1, 0); x <- c(rep(0, 12), rep(1, 9), 0, 0, 0); z <- (seq_along(y) %% 5) / 2
jeffreys("separated", y, cbind(x, z))
jeffreys("separated whole", rep(0:1, each = 8), cbind(c(1:8, 9:16)))
jeffreys("far from zero", b$low, cbind(50 + b$age / 10, b$smoke))

writeLines(toJSON(list(r = as.character(getRversion()), cases = cases, firth = firth), digits = I(17),
  auto_unbox = TRUE, na = "null", null = "null", matrix = "rowmajor"), out)
