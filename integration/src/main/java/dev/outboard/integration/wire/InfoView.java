package dev.outboard.integration.wire;

/** The answer to {@code GET /}: which daemon this is. */
public record InfoView(
    String version,
    long pid,
    String jdk,
    String notifier,
    String isolation,
    int workers,
    String api,
    double uptimeS) {}
