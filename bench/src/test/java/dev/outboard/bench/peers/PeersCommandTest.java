package dev.outboard.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PeersCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --sizes=63         | --sizes must be between 64 and 9000
          --sizes=64,9001    | --sizes must be between 64 and 9000
          --rounds=0         | --rounds and --millis must be at least 1
          --millis=0         | --rounds and --millis must be at least 1
          --json=/none/x     | can't write /none/x: name a file in a folder of yours
          --report=/none/x   | can't write /none/x: name a file in a folder of yours
          --shapes=mesh      | unknown shape 'mesh'; known: loop, one-way, touched, one-frame
          --peers=vpp        | unknown peer 'vpp'; known: dpdk-vhost, ovs-normal, ovs-direct
          """)
  void whatCannotBeMeasuredIsSaidInOneLine(String option, String message) {
    StringWriter errors = new StringWriter();
    int code = new CommandLine(new PeersCommand()).setErr(new PrintWriter(errors)).execute(option);
    assertEquals(2, code);
    assertTrue(errors.toString().startsWith(message), errors.toString());
  }
}
