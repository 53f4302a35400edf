import { configure } from '@testing-library/react';

// What a query waits for comes within milliseconds; on a machine that runs browsers beside it, within seconds (one second was too little).
configure({ asyncUtilTimeout: 15_000 });
