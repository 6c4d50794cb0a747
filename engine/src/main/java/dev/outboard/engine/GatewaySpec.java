package dev.outboard.engine;

/**
 * Where the frames of a network go whose destination nobody knows, broadcasts too.
 *
 * @param network the network's number
 * @param tenant whose stations are there: the one tenant that reaches it
 * @param peer where it is
 * @param isSource whether stations that nobody knows may send from there
 * @param mtu the largest payload of an Ethernet frame in the network, in bytes
 */
public record GatewaySpec(int network, String tenant, PeerSpec peer, boolean isSource, int mtu) {}
