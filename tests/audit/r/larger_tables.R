# p-values of a 3 x 3 table, for tests/audit/test_checks_at_risk.py (levels as rows, arms as columns)
m <- matrix(c(10, 20, 5, 20, 20, 9, 30, 20, 30), 3, byrow = TRUE)
x <- chisq.test(m)
e <- x$expected
levels <- rep(rep(1:3, 3), as.vector(m))
arm <- rep(1:3, colSums(m))
cat(format(x$p.value, digits = 15), "\n")
cat(format(pchisq(2 * sum(m * log(m / e)), 4, lower.tail = FALSE), digits = 15), "\n")
cat(format(kruskal.test(levels, arm)$p.value, digits = 15), "\n")
