package io.berth.cli;

/// Prints the rows of a table. On a terminal a row that is too wide is cut, so that each stays one line; elsewhere,
/// where programs may read them, they are whole.
final class Rows {
    private final Session session;
    private final boolean whole;

    /// @param whole never cut
    Rows(Session session, boolean whole) {
        this.session = session;
        this.whole = whole || !session.front().terminalOut();
    }

    void print(String row) {
        int columns = Math.max(session.front().columns(), 20);
        boolean fits = whole || row.codePointCount(0, row.length()) <= columns;
        session.out().println(fits ? row : row.substring(0, row.offsetByCodePoints(0, columns - 1)) + "…");
    }

    static String padded(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
