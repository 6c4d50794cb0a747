package dev.outboard.integration.compare;

import java.util.List;

/**
 * What a comparison has found, in the shape of its JSON, which {@code docs/compare.md} promises.
 * Immutable.
 */
public record Report(Host host, List<ArmReport> arms, List<Ratio> ratios) {}
