package dev.outboard.integration.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;

/**
 * What a user says of a guest, in the configuration file or as the body of {@code PUT
 * /guests/{id}}. Everything but the id may be left out (null); {@code config} fills the gaps and
 * checks.
 *
 * @param mode permissions of the socket file in octal digits, as in chmod
 * @param frontend the kind of its VMM
 * @param queues how many queue pairs its driver may use
 * @param ring which layout of virtqueues it is offered
 * @param guestClass what kind of guest it is, for routes to choose by
 * @param priority how urgent its frames are where they wait for others
 */
public record GuestRequest(
    String id,
    String tenant,
    Integer network,
    String mac,
    List<String> addresses,
    String socket,
    String role,
    @JsonDeserialize(using = PlainText.class) String mode,
    String uplink,
    @JsonDeserialize(using = OnOff.class) Boolean localForwarding,
    String frontend,
    Integer queues,
    String ring,
    @JsonProperty("class") String guestClass,
    String priority) {

  /** The same guest, whose frames take another way. */
  public GuestRequest withWay(String nextUplink, boolean nextLocalForwarding) {
    return new GuestRequest(
        id,
        tenant,
        network,
        mac,
        addresses,
        socket,
        role,
        mode,
        nextUplink,
        nextLocalForwarding,
        frontend,
        queues,
        ring,
        guestClass,
        priority);
  }

  /** The same guest under this id. */
  public GuestRequest withId(String name) {
    return new GuestRequest(
        name,
        tenant,
        network,
        mac,
        addresses,
        socket,
        role,
        mode,
        uplink,
        localForwarding,
        frontend,
        queues,
        ring,
        guestClass,
        priority);
  }
}
