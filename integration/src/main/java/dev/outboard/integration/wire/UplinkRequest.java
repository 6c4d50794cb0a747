package dev.outboard.integration.wire;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Map;

/**
 * What a user says of an uplink as the body of {@code PUT /uplinks/{id}}; {@code config} checks it
 * by the rules of the configuration file.
 *
 * @param name if given, the path's
 * @param settings of the transport, as the configuration file has them; null for none
 */
public record UplinkRequest(
    String name,
    String transport,
    @JsonDeserialize(contentUsing = PlainText.class) Map<String, String> settings) {

  /** The same uplink under this name. */
  public UplinkRequest withName(String uplink) {
    return new UplinkRequest(uplink, transport, settings);
  }
}
