"""Check the structure of any document of the VC Data Model (VCDM).

`structure`          the rules of VCDM 2.0 and 1.1
`hidden_terms`       terms under another name
`related_resources`  digests of related resources
`date_time_stamp`    dateTimeStamp of XML Schema 1.1
"""
