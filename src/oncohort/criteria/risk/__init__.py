"""Risk models of metastatic renal cell carcinoma: factors, bounds, groups."""
