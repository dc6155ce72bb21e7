<?php

// The calendar server of one test. Run by "php" it makes the database; run by "php -S" it answers a request.

error_reporting(E_ALL & ~E_DEPRECATED); // SabreDAV 1.8 is older than this PHP
ini_set('display_errors', '0'); // what goes wrong is for the log: an answer is XML and nothing else
ini_set('log_errors', '1');

$user = getenv('CALDAV_USER');
$database = new PDO('sqlite:' . __DIR__ . '/calendars.sqlite');
$database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);

if (PHP_SAPI === 'cli') {
    setUp($database, $user);
    exit;
}
if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) === '/.well-known/caldav') { // the web server's to answer: RFC 6764, 5
    header('Location: /', true, 301);
    exit;
}
answer($database);

// The columns are those that SabreDAV reads and writes, without a constraint on calendarobjects, as in the schema that
// it ships: two requests at once may both create the object of one name.
function setUp(PDO $database, string $user): void
{
    $database->exec('
        CREATE TABLE principals (id INTEGER PRIMARY KEY, uri TEXT UNIQUE, email TEXT, displayname TEXT, vcardurl TEXT);
        CREATE TABLE groupmembers (principal_id INTEGER, member_id INTEGER, UNIQUE (principal_id, member_id));
        CREATE TABLE calendars (
            id INTEGER PRIMARY KEY, principaluri TEXT, uri TEXT, ctag INTEGER, components TEXT, transparent INTEGER,
            displayname TEXT, description TEXT, timezone TEXT, calendarorder INTEGER, calendarcolor TEXT
        );
        CREATE TABLE calendarobjects (
            id INTEGER PRIMARY KEY, calendarid INTEGER, uri TEXT, calendardata BLOB, etag TEXT, size INTEGER,
            lastmodified INTEGER, componenttype TEXT, firstoccurence INTEGER, lastoccurence INTEGER
        );
    ');
    $colleague = "colleague-of-$user";
    $principal = $database->prepare('INSERT INTO principals (id, uri, displayname) VALUES (?, ?, ?)');
    $principal->execute([1, "principals/$user", $user]);
    $principal->execute([2, "principals/$colleague", $colleague]);
    $principal->execute([3, "principals/$colleague/calendar-proxy-read", null]);
    $database->exec('INSERT INTO groupmembers (principal_id, member_id) VALUES (3, 1)');
    $calendar = $database->prepare(
        "INSERT INTO calendars (principaluri, uri, displayname, ctag, components, transparent)
         VALUES (?, 'calendar', 'calendar', 1, 'VEVENT', 0)"
    );
    $calendar->execute(["principals/$user"]);
    $calendar->execute(["principals/$colleague"]);
}

function answer(PDO $database): void
{
    require 'Sabre/autoload.php';
    $onlyUser = new class () extends Sabre\DAV\Auth\Backend\AbstractBasic {
        protected function validateUserPass($user, $password)
        {
            return $user === getenv('CALDAV_USER') && $password === getenv('CALDAV_PASSWORD');
        }
    };
    $principals = new Sabre\DAVACL\PrincipalBackend\PDO($database);
    $server = new Sabre\DAV\Server([
        new Sabre\CalDAV\Principal\Collection($principals),
        new Sabre\CalDAV\CalendarRootNode($principals, new Sabre\CalDAV\Backend\PDO($database)),
    ]);
    $server->setBaseUri('/');
    $server->addPlugin(new Sabre\DAV\Auth\Plugin($onlyUser, 'calendars'));
    $server->addPlugin(new Sabre\DAVACL\Plugin());
    $server->addPlugin(new Sabre\CalDAV\Plugin());
    $server->exec();
}
