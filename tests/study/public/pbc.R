# The randomised patients of the Mayo clinic's trial in primary biliary cholangitis, from R's survival.
# Usage: Rscript pbc.R pbc.csv
suppressMessages(library(survival))
out <- commandArgs(trailingOnly = TRUE)[1]
d <- pbc[!is.na(pbc$trt), ]
write.csv(data.frame(patient = d$id, arm = ifelse(d$trt == 1, "penicillamine", "placebo"), age = round(d$age, 6),
  sex = d$sex, ascites = d$ascites, edema = d$edema, bili = d$bili, chol = d$chol, albumin = d$albumin,
  stage = d$stage), out, row.names = FALSE, na = "")
