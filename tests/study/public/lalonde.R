# The job training data of LaLonde as a study (R MatchIt), and what MatchIt makes of it.
#   Rscript tests/study/public/lalonde.R     (MatchIt, jsonlite)
suppressMessages({library(MatchIt); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
data("lalonde"); d <- lalonde
write.csv(cbind(patient = seq_len(nrow(d)), d), file.path(here, "lalonde.csv"), row.names = FALSE)
f <- treat ~ age + educ + race + married + nodegree + re74 + re75
plain <- matchit(f, d, method = NULL, distance = "glm")
smd <- function(m, part) { s <- summary(m)[[part]]
  as.list(setNames(s[, "Std. Mean Diff."], rownames(s))) }
write_json(list(score = unname(plain$distance), before = smd(plain, "sum.all")),
           file.path(here, "lalonde.json"), digits = NA, auto_unbox = TRUE)
