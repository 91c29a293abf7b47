# Values of R's survival for three hospitals: Rscript consortium.R > ../fixtures/consortium.json
# The rows are synthetic (drawn here, with a seed).
library(survival)
library(jsonlite)
options(digits = 17)
set.seed(20)
n <- 180
site <- rep(c("north", "south", "west"), c(80, 60, 40))
age <- round(rnorm(n, 62, 9), 1)
sex <- sample(c("f", "m"), n, TRUE)
arm <- sample(c("a", "b", "c"), n, TRUE)
rate <- c(north = 0.05, south = 0.08, west = 0.03)[site]
t0 <- rexp(n, rate * exp(0.02 * (age - 62) + 0.5 * (arm == "b") - 0.3 * (sex == "m")))
cens <- runif(n, 4, 40)
time <- round(pmin(t0, cens), 1)
event <- as.integer(t0 <= cens)
d <- data.frame(site, age, sex, arm, time, event)
d$step <- ceiling(d$time - 1e-9)

fit <- function(formula, data) {
  m <- coxph(formula, data = data, ties = "efron", control = coxph.control(eps = 1e-13, iter.max = 50))
  list(coef = unname(coef(m)), var = unname(as.matrix(vcov(m))), loglik = m$loglik,
       score = m$score, wald = m$wald.test)
}
km <- function(data) {
  s <- survfit(Surv(step, event) ~ 1, data = data, conf.type = "log-log")
  list(time = s$time, surv = s$surv, se = s$std.err * s$surv, low = s$lower, high = s$upper,
       median = unname(summary(s)$table[c("median", "0.95LCL", "0.95UCL")]))
}
test <- function(formula, data) {
  s <- survdiff(formula, data = data)
  o <- if (is.matrix(s$obs)) rowSums(s$obs) else s$obs
  e <- if (is.matrix(s$exp)) rowSums(s$exp) else s$exp
  list(obs = o, exp = e, chisq = s$chisq)
}
bt <- binom.test(sum(d$arm == "b"), n)
out <- list(
  data = d,
  cox_by_site = fit(Surv(time, event) ~ age + sex + arm + strata(site), d),
  cox_pooled = fit(Surv(step, event) ~ age + sex + arm, d),
  km = km(d),
  km_a = km(d[d$arm == "a", ]),
  logrank_by_site = test(Surv(time, event) ~ arm + strata(site), d),
  logrank_pooled = test(Surv(step, event) ~ arm, d),
  rate_b = list(x = sum(d$arm == "b"), n = n, low = bt$conf.int[1], high = bt$conf.int[2]),
  age = list(mean = mean(d$age), sd = sd(d$age))
)
cat(toJSON(out, digits = I(17), auto_unbox = TRUE, dataframe = "columns", na = "null"))
