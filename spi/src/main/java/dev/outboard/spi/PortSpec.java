package dev.outboard.spi;

import java.util.function.Function;

/**
 * Whom a port is for.
 *
 * @param guest the guest's id
 * @param tenant the guest's tenant
 * @param network the network's number (VNI), 24 bits
 * @param mac the guest's address
 * @param mtu the largest payload of an Ethernet frame in this network, in bytes
 * @param dropCounter gives the counter for frames that the port has accepted and then had to drop,
 *     by reason, for example {@code tap-refused}; only while opening the port
 */
public record PortSpec(
    String guest,
    String tenant,
    int network,
    MacAddress mac,
    int mtu,
    Function<String, Counter> dropCounter) {}
