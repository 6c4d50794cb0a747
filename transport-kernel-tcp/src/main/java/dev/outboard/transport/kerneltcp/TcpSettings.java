package dev.outboard.transport.kerneltcp;

import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.util.List;

/**
 * What users set for an uplink, checked. Made by the control thread.
 *
 * @param local where this sidecar listens, and how its peers write it
 * @param credentials for TLS, or null
 * @param connections for each worker and peer
 * @param spare idle connections kept to each peer
 */
record TcpSettings(
    Endpoint local,
    Secret secret,
    Credentials credentials,
    int mtu,
    int connections,
    int spare,
    int inbound,
    int halfOpen,
    int handshakeMillis,
    int stallMillis,
    int idleMillis,
    int bufferBytes) {
  static final List<Setting> ALL =
      List.of(
          text(
              "address",
              "",
              "The address of this host that peers connect to, IPv4 or IPv6; peers have the same"
                  + " kind. Required."),
          number("port", 7400, "The TCP port to listen at; also that of peers that name no other."),
          text(
              "secret-file",
              "",
              "A file with the secret that all sidecars of this uplink share, 16 bytes or more,"
                  + " readable by its owner alone. Required without TLS."),
          text(
              "tls",
              "off",
              "'on': TLS 1.3, each end shows a certificate for its address; needs certificate,"
                  + " private-key and authorities. 'off': what follows the handshake is neither"
                  + " secret nor protected on the way."),
          text(
              "certificate",
              "",
              "A PEM file with this sidecar's certificate, which names its address, and those behind"
                  + " it."),
          text(
              "private-key",
              "",
              "A PEM file with the certificate's key (PKCS#8, no password), readable by its owner"
                  + " alone."),
          text(
              "authorities",
              "",
              "A PEM file with the certificates of who may vouch for this uplink's sidecars."),
          number("mtu", 65_000, "The largest payload of an Ethernet frame, in bytes."),
          number(
              "connections",
              2,
              "Connections of each worker to each peer (1 to 64), which flows are spread over."),
          number("spare", 1, "Idle connections that are kept open to each peer (0 to 64)."),
          number("inbound", 256, "Connections from peers that each worker takes at most."),
          number(
              "half-open", 64, "Connections from others that may be in the handshake at a time."),
          number("handshake-ms", 3_000, "How long a handshake may take, in milliseconds."),
          number(
              "stall-ms",
              10_000,
              "A connection on which nothing moves for so long, though something should, is cut; in"
                  + " milliseconds."),
          number(
              "idle-ms",
              30_000,
              "A worker gives a connection by which it has sent nothing for so long back to the pool;"
                  + " in milliseconds."),
          number(
              "buffer-bytes",
              0,
              "Bytes that may wait in each socket and direction; 0: as the kernel finds right."));

  private static final int MOST = 1 << 20;
  private static final int MOST_MILLIS = 3_600_000;
  private static final int MOST_PORT = 0xffff;

  private static Setting text(String name, String value, String help) {
    return new Setting(name, Setting.Type.TEXT, value, help);
  }

  private static Setting number(String name, int value, String help) {
    return new Setting(name, Setting.Type.NUMBER, Integer.toString(value), help);
  }

  static TcpSettings of(TransportContext context) throws TransportException {
    int port = context.number("port", 1, MOST_PORT);
    String address = context.setting("address").trim();
    if (address.isEmpty()) {
      throw new TransportException(
          "address is missing: the address of this host that peers connect to");
    }
    Endpoint local = Endpoint.parse(address, 0);
    if (local.port() != 0) {
      throw new TransportException("address: '" + address + "' has a port; write it as port:");
    }
    Credentials credentials = credentials(context, local);
    String secret = context.setting("secret-file").trim();
    return new TcpSettings(
        new Endpoint(local.address(), port),
        credentials != null && secret.isEmpty() ? Secret.none() : Secret.read(secret),
        credentials,
        context.number("mtu", Capabilities.LEAST_MTU, Wire.MOST_FRAME - Wire.ETHERNET),
        context.number("connections", 1, 64),
        context.number("spare", 0, 64),
        context.number("inbound", 1, 4096),
        context.number("half-open", 1, MOST),
        context.number("handshake-ms", 10, MOST_MILLIS),
        context.number("stall-ms", 10, MOST_MILLIS),
        context.number("idle-ms", 10, MOST_MILLIS),
        context.number("buffer-bytes", 0, 1 << 30));
  }

  private static Credentials credentials(TransportContext context, Endpoint local)
      throws TransportException {
    String tls = context.setting("tls").trim();
    if (tls.equals("on")) {
      return Credentials.read(
          context.setting("certificate").trim(),
          context.setting("private-key").trim(),
          context.setting("authorities").trim(),
          local.address());
    }
    if (!tls.equals("off")) {
      throw new TransportException(
          "tls: '%s' is unknown; known: on, off".formatted(printable(tls)));
    }
    for (String name : List.of("certificate", "private-key", "authorities")) {
      if (!context.setting(name).isBlank()) {
        throw new TransportException(name + " is of use with tls: on only");
      }
    }
    return null;
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
