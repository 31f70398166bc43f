"""Play the demonstration. Its institutions, persons and programmes are fictitious.

`run`             the year in its order
`environment`     the chain, its clock, the parties, and the lines that are reported
`founding`        council, agency, institutions, programmes
`issuing`         cohorts issued and anchored
`incidents`       corrections, revocations, suspensions
`attacks`         back-dating, a rewritten log, a stolen account
`cases`           one credential for each verdict that is not "recognised"
`record`          the record of one demonstration
`summary`         verification of all, audit, `acredita-summary/1`
`export`          the folder that the demonstration leaves
`cohorts`         learners and their CSV files
`documents`       programmes, scopes and institutions from packaged data
`learner_counts`  limits of the number of learners
"""
