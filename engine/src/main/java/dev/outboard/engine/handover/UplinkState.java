package dev.outboard.engine.handover;

import dev.outboard.spi.PortState;
import java.util.function.IntUnaryOperator;

/**
 * A guest's port of an uplink.
 *
 * @param uplink the uplink's name
 * @param transport what carries it
 * @param port what the transport tells of the port
 */
public record UplinkState(String uplink, String transport, PortState port) {

  UplinkState withFiles(IntUnaryOperator change) {
    return new UplinkState(
        uplink,
        transport,
        new PortState(
            port.values(), port.files().stream().map(file -> Files.change(file, change)).toList()));
  }
}
