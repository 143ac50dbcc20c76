"""The door for build systems: signed calls that start a release or report what they saw."""
