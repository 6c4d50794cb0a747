package dev.outboard.integration.wire;

/** The body of {@code PATCH /guests/{id}}: what can change while a guest is attached. */
public record GuestPatch(Integer worker) {}
