package io.balsa.bench.report;

/** A trial that gave no figures, and why. */
public record Failure(Trial trial, String reason) {}
