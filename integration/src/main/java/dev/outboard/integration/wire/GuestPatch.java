package dev.outboard.integration.wire;

import java.util.List;

/**
 * The body of {@code PATCH /guests/{id}}: what can change while a guest is attached.
 *
 * @param worker the one that shall serve it, or null
 * @param workers those that shall, or null
 */
public record GuestPatch(Integer worker, List<Integer> workers) {}
