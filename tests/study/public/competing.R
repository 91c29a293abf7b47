# Public data of the R package survival, and what R makes of it: Rscript competing.R
suppressMessages({library(survival); library(cmprsk)})
say <- function(x) formatC(x, digits = 17, format = "g")
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n"), "}"))
  v <- ifelse(is.finite(x), say(x), "null")
  if (length(v) == 1) v else paste0("[", paste(v, collapse = ", "), "]")
}
m <- survival::mgus2
write.csv(data.frame(patient = m$id, age = m$age, sex = m$sex, mspike = m$mspike,
                     ptime = m$ptime, pstat = m$pstat, futime = m$futime, death = m$death),
          "mgus2.csv", row.names = FALSE, quote = FALSE)
etime <- with(m, ifelse(pstat == 0, futime, ptime))
event <- with(m, ifelse(pstat == 0, 2 * death, 1))
at <- c(60, 120, 240)
all <- cuminc(etime, event)
by <- cuminc(etime, event, m$sex)
est <- timepoints(all, at); sex <- timepoints(by, at)
full <- complete.cases(m[, c("age", "sex", "mspike")])
x <- with(m[full, ], cbind(age, sex == "M", mspike))
fg <- crr(etime[full], event[full], x, failcode = 1)
one <- crr(etime, event, cbind(m$sex == "M"), failcode = 1)
cs <- function(k) {
  f <- coxph(Surv(etime, event == k) ~ age + sex + mspike, m)
  list(hr = exp(coef(f)), low = exp(confint(f))[, 1], high = exp(confint(f))[, 2],
       p = summary(f)$coefficients[, "Pr(>|z|)"])
}
se <- sqrt(diag(fg$var)); z <- qnorm(0.975)
cat(json(list(
  n = length(etime), pcm = sum(event == 1), death = sum(event == 2), censored = sum(event == 0),
  incidence_pcm = est$est["1 1", ], incidence_death = est$est["1 2", ],
  variance_pcm = est$var["1 1", ], variance_death = est$var["1 2", ],
  female_pcm = sex$est["F 1", ], male_pcm = sex$est["M 1", ],
  female_death = sex$est["F 2", ], male_death = sex$est["M 2", ],
  gray = by$Tests[, "pv"],
  fine_gray = list(hr = exp(fg$coef), low = exp(fg$coef - z * se), high = exp(fg$coef + z * se),
                   p = 2 * pnorm(-abs(fg$coef / se))),
  fine_gray_sex = exp(one$coef), cause_pcm = cs(1), cause_death = cs(2)
)), "\n", file = "competing.json")
