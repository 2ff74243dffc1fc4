"""The report of a study: what it holds, and the workbook, the paper and the text that it is written as."""
