/**
 * Ports of 1024 and above on which no web server is meant to listen: those that the Fetch standard
 * blocks (its section on port blocking), and those of databases, caches, consoles and queues.
 */
const BLOCKED = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
  ...[1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 5900, 5984, 6379, 6443],
  ...[8500, 9042, 9092, 9200, 9300, 10250, 11211, 27017],
]);

/** Whether a request may go to a port: 443, or one that anybody may open and is not blocked. */
export function isAllowedPort(port: number): boolean {
  return port === 443 || (port >= 1024 && !BLOCKED.has(port));
}
