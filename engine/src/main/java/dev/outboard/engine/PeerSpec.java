package dev.outboard.engine;

/**
 * The other end of a shared uplink.
 *
 * @param uplink the uplink's name
 * @param endpoint where the peer is, as the uplink's transport writes it
 */
public record PeerSpec(String uplink, String endpoint) {}
