package dev.outboard.integration.wire;

/** The body of every answer that is an error. */
public record Fault(String faultMessage) {}
