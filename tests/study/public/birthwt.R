# Births at Baystate Medical Center in 1986 (Hosmer and Lemeshow), from R's MASS.
# Usage: Rscript birthwt.R birthwt.csv
suppressMessages(library(MASS))
out <- commandArgs(trailingOnly = TRUE)[1]
d <- birthwt
write.csv(data.frame(patient = seq_len(nrow(d)), low = d$low, age = d$age, lwt = d$lwt,
  race = c("white", "black", "other")[d$race], smoke = c("no", "yes")[d$smoke + 1], ftv = d$ftv,
  ht = c("no", "yes")[d$ht + 1]), out, row.names = FALSE)
