package dev.outboard.spi;

/** Whom a port is for. The sidecar implements it; constant but for {@link #dropCounter}. */
public interface PortSpec {
  /** The guest's id. */
  String guest();

  /** The guest's tenant. */
  String tenant();

  /** The network's number (VNI), 24 bits. */
  int network();

  /** The guest's address. */
  MacAddress mac();

  /** The largest payload of an Ethernet frame in this network, in bytes. */
  int mtu();

  /**
   * The counter for frames that the port has accepted and then had to drop; only while the port is
   * opened. The port's worker adds to it.
   *
   * @param reason as users see it, for example {@code tap-refused}
   */
  Counter dropCounter(String reason);
}
