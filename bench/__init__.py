"""How faithful the comparison is, measured on a corpus made from the specs and botocore's models. Not shipped."""
