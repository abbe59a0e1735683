<?php // fetch.php URL PROXY: the curl of PHP.
$curl = curl_init($argv[1]);
curl_setopt_array($curl, [CURLOPT_PROXY => $argv[2], CURLOPT_RETURNTRANSFER => false]);
curl_exec($curl) or die(curl_error($curl));
