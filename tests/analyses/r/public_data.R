# Public data of R packages as small tables for the tests (survival: LGPL; facts of published trials).
# Usage: Rscript public_data.R DIR
suppressMessages({library(survival); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
pbc$dead <- as.integer(pbc$status == 2)
write.csv(pbc[, c("id", "time", "dead", "age", "sex", "edema", "bili", "albumin", "protime", "platelet")],
  file.path(out, "pbc.csv"), row.names = FALSE, na = "")
suppressMessages(library(maxstat)); data(DLBCL)
write.csv(DLBCL[, c("DLCLid", "time", "cens", "IPI", "MGE")], file.path(out, "dlbcl.csv"), row.names = FALSE, na = "", quote = FALSE)
