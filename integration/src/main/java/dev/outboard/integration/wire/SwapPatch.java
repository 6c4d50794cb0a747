package dev.outboard.integration.wire;

import java.util.List;

/**
 * The body of {@code PATCH /swaps/{id}}: the next step.
 *
 * @param state {@code committed} or {@code finished}
 * @param guests whom to commit; if left out, all
 */
public record SwapPatch(String state, List<String> guests) {}
