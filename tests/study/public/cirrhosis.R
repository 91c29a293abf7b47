# Primary biliary cholangitis (survival::pbc) as a study with missing values, and what R makes of it.
#   Rscript tests/study/public/cirrhosis.R     (survival, mice, jsonlite)
suppressMessages({library(survival); library(mice); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- with(pbc, data.frame(patient = id, time, dead = as.integer(status == 2), age = round(age, 2),
                          sex, ascites, stage, bili, chol, platelet, protime))
write.csv(d, file.path(here, "cirrhosis.csv"), row.names = FALSE, na = "")
d$stage <- factor(d$stage); d$ascites <- factor(d$ascites)
d$na <- nelsonaalen(d, time, dead)
exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
model <- function(x) coxph(Surv(time, dead) ~ age + sex + ascites + stage + bili + chol + platelet,
                           x, control = exact)
# Chained equations of R, with many data sets: what ours has to agree with within Monte Carlo error.
vars <- c("dead", "na", "age", "sex", "ascites", "stage", "bili", "chol", "platelet")
imp <- mice(d[, vars], m = 200, maxit = 10, seed = 1, printFlag = FALSE)
fits <- lapply(1:200, function(i) { x <- complete(imp, i); x$time <- d$time; model(x) })
pooled <- summary(pool(fits, dfcom = sum(d$dead) - 9))
b <- sapply(fits, coef)
# A few completed data sets and their pooling, to 1e-8.
five <- lapply(1:5, function(i) complete(imp, i)[, c("ascites", "stage", "chol", "platelet")])
few <- pool(fits[1:5], dfcom = sum(d$dead) - 9)
fs <- summary(few, conf.int = TRUE)
# The same for a binary outcome, death: here the imputation has to know only the outcome itself.
few_vars <- c("dead", "age", "sex", "ascites", "bili", "chol")
imp2 <- mice(d[, few_vars], m = 200, maxit = 10, seed = 2, printFlag = FALSE)
g <- dead ~ age + sex + ascites + bili + chol
ctl <- glm.control(epsilon = 1e-13, maxit = 60)
gl <- summary(pool(lapply(1:200, function(i) glm(g, binomial, complete(imp2, i), control = ctl))))
write_json(list(
  logistic = list(term = as.character(gl$term)[-1], estimate = gl$estimate[-1],
                  se = gl$std.error[-1],
                  complete = unname(coef(glm(g, binomial, d, control = ctl)))[-1]),
  complete = list(coef = coef(model(d)), n = model(d)$n, events = model(d)$nevent),
  mice = list(term = as.character(pooled$term), estimate = pooled$estimate, se = pooled$std.error,
              mc = apply(b, 1, sd) / sqrt(200), sd = apply(b, 1, sd)),
  few = list(coef = t(b[, 1:5]), var = t(sapply(fits[1:5], function(f) diag(vcov(f)))),
             estimate = fs$estimate, se = fs$std.error, df = fs$df, p = fs$p.value,
             low = fs[["2.5 %"]], high = fs[["97.5 %"]], fmi = few$pooled$fmi,
             dfcom = sum(d$dead) - 9)),
  file.path(here, "cirrhosis.json"), digits = NA, auto_unbox = TRUE)
