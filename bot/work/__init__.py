"""Durable execution: what was asked for is carried out, recovered after a crash, and never done twice."""
