"""What is counted and measured, and how it adds up over a cluster. Pure: times are arguments.

Each process counts into a `meter.Meter` and hands over what has gathered as a `meter.Report`;
`cluster.ClusterTelemetry` adds the reports of all processes up.
"""
