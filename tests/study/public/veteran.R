# The Veterans' lung cancer trial as a study, and what R makes of its hazards over time.
#   Rscript tests/study/public/veteran.R     (survival, jsonlite)
suppressMessages({library(survival); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- veteran; d$patient <- seq_len(nrow(d))
write.csv(d[, c("patient", "trt", "celltype", "time", "status", "karno", "age", "prior")],
          file.path(here, "veteran.csv"), row.names = FALSE)
exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
ratio <- function(f) { s <- summary(f); list(
  hr = unname(s$conf.int[, 1]), low = unname(s$conf.int[, 3]), high = unname(s$conf.int[, 4]),
  p = unname(s$coefficients[, 5]), names = rownames(s$conf.int)) }
d$trt <- factor(d$trt); d$celltype <- factor(d$celltype, levels(veteran$celltype))
whole <- coxph(Surv(time, status) ~ trt + prior + karno + celltype, d, control = exact)
strat <- coxph(Surv(time, status) ~ trt + prior + karno + strata(celltype), d, control = exact)
zph <- function(f) { z <- cox.zph(f); setNames(as.list(z$table[, "p"]), rownames(z$table)) }
cut <- survSplit(Surv(time, status) ~ ., data = d, cut = c(90, 180), episode = "tgroup", id = "id")
loose <- coxph(Surv(tstart, time, status) ~ trt + prior + karno:strata(tgroup), cut, control = exact)
fixed <- coxph(Surv(tstart, time, status) ~ trt + prior + karno, cut, control = exact)
write_json(list(
  whole = ratio(whole), zph = zph(whole), strat = ratio(strat), zph_strat = zph(strat),
  conc_strat = unname(strat$concordance["concordance"]), loose = ratio(loose),
  constant_p = pchisq(2 * (loose$loglik[2] - fixed$loglik[2]), 2, lower.tail = FALSE)),
  file.path(here, "veteran.json"), digits = NA, auto_unbox = TRUE)
