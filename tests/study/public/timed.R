# Public data of R packages, and what R makes of them: Rscript timed.R
suppressMessages({library(survival); library(KMsurv)})
say <- function(x) formatC(x, digits = 17, format = "g")
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n"), "}"))
  v <- ifelse(is.finite(x), say(x), "null")
  if (length(v) == 1) v else paste0("[", paste(v, collapse = ", "), "]")
}
cox <- function(f) list(hr = exp(coef(f))[1], low = exp(confint(f))[1, 1], high = exp(confint(f))[1, 2],
                        p = summary(f)$coefficients[1, "Pr(>|z|)"])
# Bone marrow transplants (Klein and Moeschberger, section 1.3): acute GVHD after transplant
data(bmt); b <- bmt
b$id <- seq_len(nrow(b))
write.csv(data.frame(patient = b$id, days = b$t1, dead = b$d1, gvhd = ifelse(b$da == 1, b$ta, ""),
                     age = b$z1, group = c("ALL", "low", "high")[b$group]),
          "bmt.csv", row.names = FALSE, quote = FALSE)
late <- b[b$t1 > 90, ]; late$x <- late$da == 1 & late$ta <= 90; late$t <- late$t1 - 90
s <- survfit(Surv(t, d1) ~ x, late)
td <- tmerge(b, b, id = id, death = event(t1, d1), gvhd = tdc(ifelse(da == 1, ta, NA)))
# Stanford heart transplants (vignette timedep, section 3.3): half a day for deaths on the day
j <- survival::jasa
j$id <- seq_len(nrow(j))
j$futime <- pmax(0.5, j$fu.date - j$accept.dt)
j$tx <- as.numeric(ifelse(j$tx.date == j$fu.date, (j$tx.date - j$accept.dt) - 0.5, j$tx.date - j$accept.dt))
write.csv(data.frame(patient = j$id, days = as.numeric(j$futime), dead = j$fustat,
                     tx = ifelse(is.na(j$tx), "", j$tx), age = j$age, surgery = c("no", "yes")[j$surgery + 1]),
          "jasa.csv", row.names = FALSE, quote = FALSE)
js <- tmerge(j[, c("id", "age", "surgery")], data.frame(id = j$id, futime = as.numeric(j$futime), fustat = j$fustat, tx = j$tx),
             id = id, death = event(futime, fustat), trt = tdc(tx))
# Cancer of the ovary (vignette survival): residual disease
o <- survival::ovarian
write.csv(data.frame(patient = seq_len(nrow(o)), days = o$futime, dead = o$fustat,
                     residual = c("no", "yes")[o$resid.ds]), "ovarian.csv", row.names = FALSE, quote = FALSE)
# Randomised patients of the trial of primary biliary cholangitis: years to death
p <- subset(survival::pbc, !is.na(trt))
years <- p$time / 365.25; dead <- p$status == 2
write.csv(data.frame(patient = p$id, years = formatC(years, digits = 17, format = "g"),
                     dead = as.integer(dead), arm = ifelse(p$trt == 1, "penicillamine", "placebo")),
          "pbc_trial.csv", row.names = FALSE, quote = FALSE)
mean10 <- function(k) summary(survfit(Surv(years, dead) ~ 1, subset = p$trt == k), rmean = 10)$table
a <- mean10(1); c0 <- mean10(2)
at <- function(k) { x <- summary(survfit(Surv(years, dead) ~ 1, subset = p$trt == k), times = 5); c(x$surv, x$std.err) }
# Cancer of the larynx (Klein and Moeschberger, section 1.8): stages in order
data(larynx)
write.csv(data.frame(patient = seq_len(nrow(larynx)), years = larynx$time, dead = larynx$delta,
                     stage = paste0("s", larynx$stage)), "larynx.csv", row.names = FALSE, quote = FALSE)
d <- survdiff(Surv(time, delta) ~ stage, larynx)
w <- 0:3; z <- sum(w * (d$obs - d$exp)) / sqrt(c(t(w) %*% d$var %*% w))
adjusted <- coxph(Surv(tstart, tstop, death) ~ gvhd + z1, td)
cat(json(list(
  landmark = c(cox(coxph(Surv(t, d1) ~ x, late)),
    list(n = nrow(late), changed = sum(late$x), logrank = survdiff(Surv(t, d1) ~ x, late)$pvalue,
         median_changed = summary(s)$table["x=TRUE", "median"],
         median_unchanged = summary(s)$table["x=FALSE", "median"])),
  covariate = cox(coxph(Surv(tstart, tstop, death) ~ gvhd, td)),
  adjusted = cox(adjusted),
  jasa = cox(coxph(Surv(tstart, tstop, death) ~ trt + age + surgery, js)),
  mean_drug = a["rmean"], se_drug = a["se(rmean)"], mean_placebo = c0["rmean"], se_placebo = c0["se(rmean)"],
  at_drug = at(1), at_placebo = at(2),
  trend_z = z, trend = 2 * pnorm(-abs(z))
)), "\n", file = "timed.json")
