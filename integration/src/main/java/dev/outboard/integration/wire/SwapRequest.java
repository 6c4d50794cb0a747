package dev.outboard.integration.wire;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;

/**
 * What a user says of a swap as the body of {@code PUT /swaps/{id}}: whose frames take which way.
 * One of the first four is given.
 *
 * @param guests these guests
 * @param rule the route of this id
 * @param uplink whatever leads to this uplink
 * @param all all guests
 * @param to an uplink, or {@code local}
 * @param endpoint where rules and defaults lead to on the new uplink
 */
public record SwapRequest(
    List<String> guests,
    String rule,
    String uplink,
    Boolean all,
    String to,
    @JsonDeserialize(using = OnOff.class) Boolean localForwarding,
    String endpoint) {}
