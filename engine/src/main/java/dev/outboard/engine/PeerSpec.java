package dev.outboard.engine;

/**
 * The other end of an uplink.
 *
 * @param uplink the uplink's name
 * @param endpoint where the peer is, as the uplink's transport writes it; null where each guest has
 *     its own port
 */
public record PeerSpec(String uplink, String endpoint) {}
