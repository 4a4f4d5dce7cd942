"""What gaopai costs against what else there is: ratios, measured in one run."""
